import {
  Badge,
  Button,
  Card,
  Group,
  Stack,
  Switch,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core';
import { lazy, Suspense, type ReactNode } from 'react';
import { useNavigate } from 'react-router-dom';
import { Failed, Loading } from '@/components/ui/states';
import { api } from '@/lib/api';
import { useForm } from '@/lib/form';
import { useEnvironments, useInstances } from '@/lib/lists';
import type { DatabaseEntry, IssueDetail } from '@/types/model';
import { typeLabels } from '@/lib/words';

const SqlEditor = lazy(() => import('@/components/ui/sql_editor'));

/** An issue as it would be made: its title, stages, tasks and statement; nothing is stored before Create. */
export function IssuePreview({
  project,
  type,
  databases,
  statement,
  findings,
  onBack,
}: {
  project: number;
  type: 'schema.update' | 'data.update';
  databases: DatabaseEntry[];
  statement: string;
  findings: ReactNode;
  onBack: () => void;
}) {
  const navigate = useNavigate();
  const instances = useInstances();
  const environments = useEnvironments();
  const instanceOf = new Map(instances.data?.map((one) => [one.id, one]));
  const title = `${typeLabels[type]} of ${databases.map((one) => one.name).join(', ')}`;
  const form = useForm(
    { title, description: '', rollback: type === 'data.update' },
    (values) =>
      api.post<IssueDetail>('/issues', {
        project,
        type,
        title: values.title || title,
        description: values.description,
        statement,
        rollback: values.rollback,
        targets: databases.map((one) => ({ database: one.id })),
      }),
    { stale: [['issues']], onDone: (issue) => void navigate(`/issues/${issue.id}`) },
  );
  const stages = (environments.data ?? [])
    .map((environment) => ({
      environment,
      tasks: databases.filter(
        (one) => instanceOf.get(one.instance)?.environment === environment.id,
      ),
    }))
    .filter((stage) => stage.tasks.length > 0);
  return (
    <form onSubmit={form.submit}>
      <Stack>
        {form.problem ? <Failed error={form.problem} title="The issue was not made" /> : null}
        <TextInput label="Title" required {...form.text('title')} />
        <Card withBorder>
          <Stack gap="xs">
            {stages.map(({ environment, tasks }) => (
              <Group key={environment.id} gap="xs">
                <Badge variant="light">{environment.name}</Badge>
                <Text size="sm">
                  {tasks
                    .map((one) => `${one.name} on ${instanceOf.get(one.instance)?.name ?? ''}`)
                    .join(', ')}
                </Text>
                <Text size="sm" c="dimmed">
                  {environment.approval === 'manual'
                    ? 'a person approves it'
                    : 'runs when every check has passed'}
                </Text>
              </Group>
            ))}
          </Stack>
        </Card>
        <Suspense fallback={<Loading rows={4} />}>
          <SqlEditor label="Statement" value={statement} readOnly />
        </Suspense>
        {findings}
        <Textarea label="Description" autosize minRows={2} {...form.text('description')} />
        {type === 'data.update' ? (
          <Switch
            label="SQL Rollback"
            description="Keep what undoes the change, so that it can be rolled back."
            checked={form.values.rollback}
            onChange={(event) => form.set('rollback', event.currentTarget.checked)}
          />
        ) : null}
        <Group>
          <Button type="submit" loading={form.busy}>
            Create
          </Button>
          <Button variant="default" onClick={onBack}>
            Back to the statement
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
