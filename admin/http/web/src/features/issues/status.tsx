import { Badge } from '@mantine/core';
import type { IssueStatus, TaskStatus } from '@/types/model';

const issueColors: Record<IssueStatus, string> = { open: 'blue', done: 'teal', canceled: 'gray' };

const tasks: Record<TaskStatus, { color: string; label: string }> = {
  pending_approval: { color: 'yellow', label: 'waits for approval' },
  pending: { color: 'blue', label: 'approved, waits for its turn' },
  running: { color: 'cyan', label: 'running' },
  done: { color: 'teal', label: 'done' },
  failed: { color: 'red', label: 'failed' },
  canceled: { color: 'gray', label: 'canceled' },
  skipped: { color: 'gray', label: 'skipped' },
  needs_person: { color: 'orange', label: 'needs a person' },
};

export function IssueBadge({ status }: { status: IssueStatus }) {
  return (
    <Badge variant="light" color={issueColors[status]}>
      {status}
    </Badge>
  );
}

export function TaskBadge({ status }: { status: TaskStatus }) {
  const { color, label } = tasks[status];
  return (
    <Badge variant="light" color={color}>
      {label}
    </Badge>
  );
}
