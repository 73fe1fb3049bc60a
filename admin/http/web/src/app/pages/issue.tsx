import {
  Anchor,
  Box,
  Button,
  Card,
  Grid,
  Group,
  Modal,
  Stack,
  Stepper,
  Text,
  Textarea,
  Timeline,
  Title,
} from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useParams } from 'react-router-dom';
import { Ago } from '@/components/ui/ago';
import { Load } from '@/components/ui/load';
import { Page } from '@/components/ui/page';
import { Failed } from '@/components/ui/states';
import { currentStage, issueActions } from '@/features/issues/actions';
import { IssueBadge } from '@/features/issues/status';
import { typeLabels } from '@/lib/words';
import { activityWords } from '@/features/issues/words';
import { RollbackCard, RollbackPlan } from '@/features/rollback/issue_rollback';
import { TaskView } from '@/features/issues/task_view';
import { api } from '@/lib/api';
import { useProjects } from '@/lib/lists';
import type { IssueDetail } from '@/types/model';

function useIssueAction(id: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ action, body }: { action: string; body?: unknown }) =>
      api.post<IssueDetail>(`/issues/${id}/${action}`, body),
    onSettled: () => client.invalidateQueries({ queryKey: ['issues'] }),
  });
}

function Reject({ issue, onClose }: { issue: number; onClose: () => void }) {
  const act = useIssueAction(issue);
  const [reason, setReason] = useState('');
  return (
    <Modal opened onClose={onClose} title="Reject the change?" centered>
      <Stack>
        {act.isError ? <Failed error={act.error} /> : null}
        <Textarea
          label="Reason"
          description="What would have to be different?"
          required
          data-autofocus
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            color="red"
            disabled={reason.trim() === ''}
            loading={act.isPending}
            onClick={() =>
              act.mutate({ action: 'reject', body: { reason } }, { onSuccess: onClose })
            }
          >
            Reject
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function Actions({ issue }: { issue: IssueDetail }) {
  const act = useIssueAction(issue.id);
  const [rejecting, setRejecting] = useState(false);
  const may = issueActions(issue);
  const button = (action: string, label: string, primary: boolean) => (
    <Button
      variant={primary ? 'filled' : 'default'}
      loading={act.isPending && act.variables.action === action}
      onClick={() => act.mutate({ action })}
    >
      {label}
    </Button>
  );
  return (
    <Stack gap="xs" {...(act.isError ? { w: '100%' } : {})}>
      <Group gap="xs" justify="flex-end">
        {may.approve ? button('approve', 'Approve', true) : null}
        {may.reject ? (
          <Button variant="default" onClick={() => setRejecting(true)}>
            Reject
          </Button>
        ) : null}
        {may.resolve ? button('resolve', 'Resolve issue', true) : null}
        {may.cancel && !may.resolve ? button('cancel', 'Cancel issue', false) : null}
        {may.reopen ? button('reopen', 'Reopen', false) : null}
      </Group>
      {act.isError ? <Failed error={act.error} /> : null}
      {rejecting ? <Reject issue={issue.id} onClose={() => setRejecting(false)} /> : null}
    </Stack>
  );
}

function Stages({ issue }: { issue: IssueDetail }) {
  const current = currentStage(issue);
  const active = current ? issue.stages.indexOf(current) : issue.stages.length;
  const [chosen, setChosen] = useState<number | null>(null);
  const shown = chosen ?? Math.min(active, issue.stages.length - 1);
  const stage = issue.stages[shown];
  return (
    <Stack>
      {issue.stages.length > 1 ? (
        <Stepper active={active} onStepClick={setChosen} size="sm">
          {issue.stages.map((one) => (
            <Stepper.Step
              key={one.id}
              label={one.environment.name}
              description={`${one.tasks.filter((task) => task.status === 'done').length} of ${one.tasks.length} done`}
            />
          ))}
        </Stepper>
      ) : (
        <Text size="sm" c="dimmed">
          Stage {stage?.environment.name}
        </Text>
      )}
      {stage?.tasks.map((task) => (
        <TaskView key={task.id} issue={issue} task={task} />
      ))}
    </Stack>
  );
}

function Talk({ issue }: { issue: IssueDetail }) {
  const act = useIssueAction(issue.id);
  const [text, setText] = useState('');
  const said = [
    ...issue.activity.map((one) => ({
      ...one,
      comment: false,
      text: one.detail,
      key: `a${one.id}`,
    })),
    ...issue.comments.map((one) => ({ ...one, comment: true, kind: 'comment', key: `c${one.id}` })),
  ].sort((a, b) => a.created_at.localeCompare(b.created_at));
  const send = () => {
    if (text.trim() !== '') {
      act.mutate({ action: 'comments', body: { text } }, { onSuccess: () => setText('') });
    }
  };
  return (
    <Card withBorder>
      <Title order={2} size="h4" mb="md">
        Activity
      </Title>
      <Timeline bulletSize={14} lineWidth={2} active={said.length}>
        {said.map((one) => (
          <Timeline.Item key={one.key}>
            <Text size="sm">
              <b>{one.user?.name ?? 'Sluice'}</b> {activityWords(one.kind)}
            </Text>
            {one.text ? (
              <Text size="sm" {...(one.comment ? {} : { c: 'dimmed' })} className="prewrap">
                {one.text}
              </Text>
            ) : null}
            <Text size="xs" c="dimmed">
              <Ago time={one.created_at} />
            </Text>
          </Timeline.Item>
        ))}
      </Timeline>
      <Stack mt="md" gap="xs">
        {act.isError ? <Failed error={act.error} /> : null}
        <Textarea
          aria-label="Comment"
          placeholder="Comment (Ctrl-Enter sends it)"
          autosize
          minRows={2}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) send();
          }}
        />
        <Group>
          <Button
            variant="default"
            size="xs"
            disabled={text.trim() === ''}
            loading={act.isPending}
            onClick={send}
          >
            Comment
          </Button>
        </Group>
      </Stack>
    </Card>
  );
}

/** A data change can be rolled back when it has run; a rollback shows what it will do until then. */
function rollbackOf(issue: IssueDetail): 'card' | 'plan' | null {
  if (issue.type !== 'data.update' && issue.type !== 'data.rollback') return null;
  const ran = issue.stages.some((stage) => stage.tasks.some((task) => task.change !== null));
  return issue.type === 'data.rollback' && !ran ? 'plan' : 'card';
}

export function IssuePage() {
  const id = Number(useParams().id);
  const projects = useProjects();
  const query = useQuery({
    queryKey: ['issues', id],
    queryFn: () => api.get<IssueDetail>(`/issues/${id}`),
    // Events tell of changes; while something runs the progress is asked for too.
    refetchInterval: ({ state }) =>
      state.data?.stages.some((stage) =>
        stage.tasks.some(
          (task) =>
            task.status === 'running' ||
            task.checks_status === 'running' ||
            task.checks_status === 'not_run',
        ),
      )
        ? 1500
        : false,
  });
  return (
    <Load query={query}>
      {(issue) => {
        const project = projects.data?.find((one) => one.id === issue.project);
        return (
          <Page
            title={issue.title}
            crumbs={[
              { label: 'Projects', to: '/projects' },
              ...(project ? [{ label: project.name, to: `/projects/${project.id}` }] : []),
            ]}
            lead={
              <Group gap="xs">
                <IssueBadge status={issue.status} />
                <span>
                  {project ? `${project.key}-` : '#'}
                  {issue.id} · {typeLabels[issue.type]} · by {issue.creator?.name ?? 'Sluice'}
                </span>
                <Ago time={issue.created_at} />
                {issue.rollback_of !== null ? (
                  <Anchor component={Link} size="sm" to={`/issues/${issue.rollback_of}`}>
                    undoes issue {issue.rollback_of}
                  </Anchor>
                ) : null}
              </Group>
            }
            actions={<Actions issue={issue} />}
          >
            {issue.description ? <Text className="prewrap">{issue.description}</Text> : null}
            <Grid>
              <Grid.Col span={{ base: 12, md: 8 }}>
                <Stack>
                  <Stages issue={issue} />
                  {rollbackOf(issue) === 'plan' ? <RollbackPlan issue={issue} /> : null}
                  {rollbackOf(issue) === 'card' ? <RollbackCard issue={issue} /> : null}
                </Stack>
              </Grid.Col>
              <Grid.Col span={{ base: 12, md: 4 }}>
                <Box>
                  <Talk issue={issue} />
                </Box>
              </Grid.Col>
            </Grid>
          </Page>
        );
      }}
    </Load>
  );
}
