import { Button, Group, Radio, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router-dom';
import { Failed } from '@/components/ui/states';
import type { IssueDetail, RollbackPreview } from '@/types/model';
import { TaskPreview } from './task_preview';

/** A preview, what is to happen to rows that were changed since, and the issue that rolls back. */
export function MakeRollback({
  preview,
  make,
  onClose,
}: {
  preview: RollbackPreview;
  make: (body: { conflicts: string }) => Promise<IssueDetail>;
  onClose?: () => void;
}) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const [conflicts, setConflicts] = useState('stop');
  const making = useMutation({
    mutationFn: () => make({ conflicts }),
    onSuccess: (made) => {
      void client.invalidateQueries({ queryKey: ['issues'] });
      void navigate(`/issues/${made.id}`);
    },
  });
  return (
    <Stack>
      {preview.tasks.map((task) => (
        <TaskPreview key={task.task} task={task} />
      ))}
      <Radio.Group label="Rows that were changed since" value={conflicts} onChange={setConflicts}>
        <Stack gap={4} mt={4}>
          <Radio value="stop" label="Stop: one such row, and nothing is undone" />
          <Radio value="leave" label="Leave them as they are, and undo the others" />
        </Stack>
      </Radio.Group>
      <Text size="sm" c="dimmed">
        A rollback waits for a person&apos;s approval in every environment.
      </Text>
      {making.isError ? (
        <Failed error={making.error} title="The rollback issue was not made" />
      ) : null}
      <Group justify="flex-end">
        {onClose ? (
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
        ) : null}
        <Button loading={making.isPending} onClick={() => making.mutate()}>
          Create
        </Button>
      </Group>
    </Stack>
  );
}
