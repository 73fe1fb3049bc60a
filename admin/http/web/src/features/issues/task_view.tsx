import {
  Alert,
  Anchor,
  Badge,
  Button,
  Card,
  Group,
  List,
  Modal,
  Stack,
  Text,
  Textarea,
  ThemeIcon,
  VisuallyHidden,
} from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconX } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { Link } from 'react-router-dom';
import { Failed, Loading } from '@/components/ui/states';
import { api } from '@/lib/api';
import type { IssueDetail, Task, TaskCheck } from '@/types/model';
import { taskActions } from './actions';
import { TaskProgressView } from './progress';
import { TaskBadge } from './status';

const SqlEditor = lazy(() => import('@/components/ui/sql_editor'));

const marks = {
  passed: { color: 'teal', icon: IconCheck, label: 'Passed' },
  warning: { color: 'orange', icon: IconAlertTriangle, label: 'Warning' },
  error: { color: 'red', icon: IconX, label: 'Error' },
};

function Checks({ checks }: { checks: TaskCheck[] }) {
  return (
    <List spacing={6} listStyleType="none" aria-label="Task checks">
      {checks.map((check, place) => {
        const mark = marks[check.status];
        return (
          <List.Item
            key={`${check.kind}-${place}`}
            icon={
              <ThemeIcon size={20} radius="xl" variant="light" color={mark.color}>
                <mark.icon size={13} aria-hidden />
              </ThemeIcon>
            }
          >
            <VisuallyHidden>{mark.label}: </VisuallyHidden>
            <Text size="sm" fw={600} span>
              {check.title}
            </Text>
            {check.line > 0 ? (
              <Text size="sm" c="dimmed" span>
                {' '}
                line {check.line}
              </Text>
            ) : null}
            {check.detail ? (
              <Text size="sm" c="dimmed" className="prewrap">
                {check.detail}
              </Text>
            ) : null}
          </List.Item>
        );
      })}
    </List>
  );
}

function useTaskAction(issue: number) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ task, action, body }: { task: number; action: string; body?: unknown }) =>
      action === 'statement'
        ? api.put(`/tasks/${task}/statement`, body)
        : api.post(`/tasks/${task}/${action}`, body),
    onSettled: () => client.invalidateQueries({ queryKey: ['issues', issue] }),
  });
}

function Statement({ issue, task }: { issue: IssueDetail; task: Task }) {
  const [draft, setDraft] = useState<string | null>(null);
  const act = useTaskAction(issue.id);
  const may = taskActions(issue, task);
  if (task.statement === '' && draft === null) {
    return (
      <Text size="sm" c="dimmed">
        Sluice writes the statement itself.
      </Text>
    );
  }
  return (
    <Stack gap="xs">
      <Suspense fallback={<Loading rows={3} />}>
        <SqlEditor
          label="Statement"
          value={draft ?? task.statement}
          readOnly={draft === null}
          {...(draft === null ? {} : { onChange: setDraft })}
          markers={task.checks
            .filter((check) => check.status !== 'passed')
            .map((check) => ({
              line: check.line,
              column: check.column,
              level: check.status === 'error' ? ('error' as const) : ('warning' as const),
              message: `${check.title}. ${check.detail}`,
            }))}
        />
      </Suspense>
      {task.statement_cut ? (
        <Text size="sm" c="dimmed">
          The sheet has {task.statement_bytes.toLocaleString('en')} bytes; its beginning is shown.
        </Text>
      ) : null}
      {act.isError ? <Failed error={act.error} /> : null}
      {draft === null ? (
        may.edit && !task.statement_cut ? (
          <Group>
            <Button size="xs" variant="default" onClick={() => setDraft(task.statement)}>
              Edit statement
            </Button>
          </Group>
        ) : null
      ) : (
        <Group>
          <Button
            size="xs"
            loading={act.isPending}
            onClick={() =>
              act.mutate(
                { task: task.id, action: 'statement', body: { statement: draft } },
                { onSuccess: () => setDraft(null) },
              )
            }
          >
            Save: checks run again, approvals are void
          </Button>
          <Button size="xs" variant="default" onClick={() => setDraft(null)}>
            Keep the old one
          </Button>
        </Group>
      )}
    </Stack>
  );
}

/** What is done with a task only with a reason. */
const asked = {
  skip: { action: 'skip', body: {}, title: 'Skip', button: 'Skip it' },
  done: {
    action: 'settle',
    body: { outcome: 'done' },
    title: 'It did run on',
    button: 'Settle it as done: the live schema is recorded',
  },
  failed: {
    action: 'settle',
    body: { outcome: 'failed' },
    title: 'It did not run to its end on',
    button: 'Settle it as failed',
  },
};
type Asked = keyof typeof asked;

function WithReason({
  issue,
  task,
  what,
  onClose,
}: {
  issue: number;
  task: Task;
  what: Asked;
  onClose: () => void;
}) {
  const [reason, setReason] = useState('');
  const act = useTaskAction(issue);
  const { action, body, title, button } = asked[what];
  return (
    <Modal opened onClose={onClose} title={`${title} ${task.database.name}?`} centered>
      <Stack>
        {act.isError ? <Failed error={act.error} /> : null}
        <Textarea
          label="Reason"
          description="It stays in the activity of the issue."
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
            disabled={reason.trim() === ''}
            loading={act.isPending}
            onClick={() =>
              act.mutate(
                { task: task.id, action, body: { ...body, reason } },
                { onSuccess: onClose },
              )
            }
          >
            {button}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

/** One task: state, checks, statement, and what may be done with it. */
export function TaskView({ issue, task }: { issue: IssueDetail; task: Task }) {
  const act = useTaskAction(issue.id);
  const [asking, setAsking] = useState<Asked | null>(null);
  const may = taskActions(issue, task);
  const button = (action: string, label: string) => (
    <Button
      size="xs"
      variant="default"
      loading={act.isPending && act.variables.action === action}
      onClick={() => act.mutate({ task: task.id, action })}
    >
      {label}
    </Button>
  );
  return (
    <Card withBorder>
      <Stack>
        <Group justify="space-between">
          <Group gap="xs">
            <Text fw={650}>{task.database.name}</Text>
            <Text size="sm" c="dimmed">
              on {task.instance.name}
            </Text>
            <TaskBadge status={task.status} />
            {task.cancel_requested && task.status === 'running' ? (
              <Badge variant="light" color="orange">
                is being canceled
              </Badge>
            ) : null}
          </Group>
          <Group gap="xs">
            {task.change !== null ? (
              <Button size="xs" component={Link} to={`/changes/${task.change}`}>
                View change
              </Button>
            ) : null}
            {may.run ? button('run', 'Run') : null}
            {may.retry ? button('retry', 'Retry') : null}
            {may.check ? button('check', 'Check again') : null}
            {may.settle ? (
              <>
                <Button size="xs" variant="default" onClick={() => setAsking('done')}>
                  It ran
                </Button>
                <Button size="xs" variant="default" onClick={() => setAsking('failed')}>
                  It did not run
                </Button>
              </>
            ) : null}
            {may.skip ? (
              <Button size="xs" variant="default" onClick={() => setAsking('skip')}>
                Skip
              </Button>
            ) : null}
            {may.cancel ? button('cancel', 'Cancel run') : null}
          </Group>
        </Group>
        {act.isError ? <Failed error={act.error} /> : null}
        {task.reason ? (
          <Alert
            color={task.status === 'failed' ? 'red' : 'orange'}
            variant="light"
            className="prewrap"
          >
            {task.reason}
          </Alert>
        ) : null}
        {task.status === 'running' ? <TaskProgressView task={task.id} /> : null}
        {task.checks_status === 'running' || task.checks_status === 'not_run' ? (
          <Text size="sm" c="dimmed" role="status">
            Checks are running…
          </Text>
        ) : null}
        {task.checks.length > 0 ? <Checks checks={task.checks} /> : null}
        <Statement issue={issue} task={task} />
        {task.database.id !== null ? (
          <Anchor size="sm" component={Link} to={`/databases/${task.database.id}`}>
            Database {task.database.name}
          </Anchor>
        ) : null}
      </Stack>
      {asking ? (
        <WithReason issue={issue.id} task={task} what={asking} onClose={() => setAsking(null)} />
      ) : null}
    </Card>
  );
}
