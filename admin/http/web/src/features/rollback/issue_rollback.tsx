import { Alert, Button, Card, Modal, Stack, Switch, Text, Title } from '@mantine/core';
import { IconArrowBackUp } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Failed, Loading } from '@/components/ui/states';
import { api } from '@/lib/api';
import type { IssueDetail, RollbackPreview } from '@/types/model';
import { MakeRollback } from './make_rollback';
import { TaskPreview } from './task_preview';

function usePreview(issue: number, enabled: boolean) {
  return useQuery({
    queryKey: ['issues', issue, 'rollback'],
    queryFn: () => api.get<RollbackPreview>(`/issues/${issue}/rollback`),
    enabled,
    staleTime: 0,
  });
}

/** The rollback of a data change that has run: the switch, why not, and the preview of its issue. */
export function RollbackCard({ issue }: { issue: IssueDetail }) {
  const client = useQueryClient();
  const [open, setOpen] = useState(false);
  const ran = issue.stages.some((stage) => stage.tasks.some((task) => task.change !== null));
  // What a rollback undid is kept without being asked.
  const asked = issue.rollback || issue.type === 'data.rollback';
  const preview = usePreview(issue.id, asked && ran);
  const turn = useMutation({
    mutationFn: (rollback: boolean) => api.patch<IssueDetail>(`/issues/${issue.id}`, { rollback }),
    onSettled: () => client.invalidateQueries({ queryKey: ['issues'] }),
  });
  const possible = preview.data?.possible === true;
  return (
    <Card withBorder>
      <Stack gap="sm">
        <Title order={2} size="h4">
          SQL Rollback
        </Title>
        {issue.type === 'data.update' ? (
          <Switch
            label="SQL Rollback"
            description={
              ran
                ? 'Keeps what undoes the change.'
                : 'What undoes the change is kept when it runs, so that it can be rolled back.'
            }
            checked={issue.rollback}
            disabled={turn.isPending}
            onChange={(event) => turn.mutate(event.currentTarget.checked)}
          />
        ) : null}
        {turn.isError ? <Failed error={turn.error} /> : null}
        {preview.isLoading ? <Loading rows={1} /> : null}
        {preview.isError ? <Failed error={preview.error} /> : null}
        {preview.data && !possible ? (
          <Alert color="orange" variant="light" title="It cannot be rolled back" role="status">
            <Text size="sm" className="prewrap">
              {preview.data.reason}
            </Text>
            <Button mt="xs" size="xs" variant="default" onClick={() => void preview.refetch()}>
              Look again
            </Button>
          </Alert>
        ) : null}
        {possible ? (
          <Button
            w="fit-content"
            leftSection={<IconArrowBackUp size={16} />}
            onClick={() => {
              // What was looked at when the page came up may not be so any more.
              void preview.refetch();
              setOpen(true);
            }}
          >
            Preview rollback issue
          </Button>
        ) : null}
        {preview.data ? (
          <Modal
            opened={open}
            onClose={() => setOpen(false)}
            size="xl"
            title={`Rollback of issue ${issue.id}`}
          >
            {preview.isFetching ? (
              <Loading rows={3} />
            ) : (
              <MakeRollback
                preview={preview.data}
                make={(body) => api.post<IssueDetail>(`/issues/${issue.id}/rollback`, body)}
                onClose={() => setOpen(false)}
              />
            )}
          </Modal>
        ) : null}
      </Stack>
    </Card>
  );
}

/** What a rollback issue that has not run will do. */
export function RollbackPlan({ issue }: { issue: IssueDetail }) {
  const preview = usePreview(issue.id, true);
  if (preview.isLoading) return <Loading rows={2} />;
  if (preview.isError) return <Failed error={preview.error} />;
  return (
    <Card withBorder>
      <Stack>
        <Title order={2} size="h4">
          What it will do
        </Title>
        {preview.data?.tasks.map((task) => (
          <TaskPreview key={task.task} task={task} />
        ))}
      </Stack>
    </Card>
  );
}
