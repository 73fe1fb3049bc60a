import { Group, Progress, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api } from '@/lib/api';
import { duration } from '@/lib/time';
import { counted } from '@/lib/words';
import type { TaskProgress } from '@/types/model';

/** A running task: which statement, how long, how many rows, and what its server says of it. */
export function TaskProgressView({ task }: { task: number }) {
  const query = useQuery({
    queryKey: ['issues', 'progress', task],
    // Nothing when it has ended since: the issue says how.
    queryFn: async () =>
      (await api.get<TaskProgress | undefined>(`/tasks/${task}/progress`)) ?? null,
    refetchInterval: 1000,
    staleTime: 0,
  });
  const now = query.data;
  if (!now) return null;
  const whole = now.statements > 0 ? (Math.max(0, now.statement - 1) / now.statements) * 100 : 0;
  const undone = now.rows ? (now.affected_rows / now.rows) * 100 : null;
  const share = now.percent ?? undone ?? (now.statements > 1 ? whole : 100);
  return (
    <Stack gap={6} role="status" aria-label="Progress">
      <Group gap="md">
        {now.statements > 0 ? (
          <Text size="sm" fw={600}>
            Statement {now.statement} of {now.statements}
          </Text>
        ) : null}
        <Text size="sm">{duration(now.elapsed_us / 1e6)}</Text>
        {now.statements > 0 || now.rows !== null ? (
          <Text size="sm">
            {now.rows === null
              ? `${counted(now.affected_rows, 'row')} so far`
              : `${now.affected_rows.toLocaleString('en')} of ${counted(now.rows, 'row')} undone`}
          </Text>
        ) : null}
        {now.percent === null ? null : <Text size="sm">{now.percent.toFixed(1)} %</Text>}
      </Group>
      <Progress value={share} animated striped aria-label="Share that is done" />
      {now.command ? (
        <Text size="xs" c="dimmed">
          Connection {now.connection}: {now.command}
          {now.state ? `, ${now.state}` : ''}
          {now.seconds === null ? '' : ` for ${now.seconds} s`}
        </Text>
      ) : null}
    </Stack>
  );
}
