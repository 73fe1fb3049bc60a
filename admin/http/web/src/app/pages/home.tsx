import {
  Anchor,
  Badge,
  Card,
  Group,
  List,
  Progress,
  Stack,
  Text,
  ThemeIcon,
  Title,
  VisuallyHidden,
} from '@mantine/core';
import { IconCheck, IconCircle } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'react-router-dom';
import { Ago } from '@/components/ui/ago';
import { Page } from '@/components/ui/page';
import { Failed, Loading } from '@/components/ui/states';
import { IssueBadge } from '@/features/issues/status';
import { typeLabels } from '@/lib/words';
import { api, type Page as ListPage } from '@/lib/api';
import { firstSteps, type Step } from '@/lib/first_steps';
import { useDatabases } from '@/lib/databases';
import { useEnvironments, useInstances, useProjects } from '@/lib/lists';
import { useMe } from '@/lib/session';
import type { Anomaly, Change, Issue } from '@/types/model';

function Panel({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Card withBorder className="panel">
      <Title order={2} size="h4" mb="sm">
        {title}
      </Title>
      {children}
    </Card>
  );
}

function FirstSteps({ steps }: { steps: Step[] }) {
  const done = steps.filter((step) => step.done).length;
  return (
    <Panel title="First steps">
      <Progress
        value={(done / steps.length) * 100}
        mb="md"
        size="sm"
        aria-label={`${done} of ${steps.length} first steps done`}
      />
      <List spacing="xs" center listStyleType="none">
        {steps.map((step) => (
          <List.Item
            key={step.label}
            icon={
              <ThemeIcon
                size={22}
                radius="xl"
                variant={step.done ? 'filled' : 'default'}
                color={step.done ? 'water' : 'gray'}
              >
                {step.done ? <IconCheck size={14} /> : <IconCircle size={10} />}
              </ThemeIcon>
            }
          >
            <Anchor component={Link} to={step.to} {...(step.done ? { c: 'dimmed' } : {})}>
              {step.label}
            </Anchor>
            <VisuallyHidden>{step.done ? ' (done)' : ' (to do)'}</VisuallyHidden>
          </List.Item>
        ))}
      </List>
    </Panel>
  );
}

function IssueLines({ issues }: { issues: Issue[] }) {
  return (
    <Stack gap="sm">
      {issues.map((issue) => (
        <Group key={issue.id} justify="space-between" wrap="nowrap" align="start">
          <div style={{ minWidth: 0 }}>
            <Anchor component={Link} to={`/issues/${issue.id}`} truncate display="block">
              {issue.title}
            </Anchor>
            <Text size="xs" c="dimmed">
              {typeLabels[issue.type]} by {issue.creator?.name ?? 'Sluice'},{' '}
              <Ago time={issue.updated_at} />
            </Text>
          </div>
          <IssueBadge status={issue.status} />
        </Group>
      ))}
    </Stack>
  );
}

/** A list of issues as the server gives it, at most a handful. */
function Issues({
  title,
  query,
  none,
}: {
  title: string;
  query: Record<string, string | number>;
  none: string;
}) {
  const found = useQuery({
    queryKey: ['issues', 'list', query],
    queryFn: () => api.get<ListPage<Issue>>('/issues', query),
  });
  return (
    <Panel title={title}>
      {found.isError ? <Failed error={found.error} retry={found.refetch} /> : null}
      {found.isPending ? <Loading rows={2} /> : null}
      {found.data?.items.length === 0 ? (
        <Text size="sm" c="dimmed">
          {none}
        </Text>
      ) : null}
      <IssueLines issues={found.data?.items ?? []} />
    </Panel>
  );
}

function Anomalies() {
  const found = useQuery({
    queryKey: ['anomalies', 'home'],
    queryFn: () => api.get<ListPage<Anomaly>>('/anomalies', { status: 'open', limit: 6 }),
  });
  return (
    <Panel title="Open anomalies">
      {found.isError ? <Failed error={found.error} retry={found.refetch} /> : null}
      {found.data?.items.length === 0 ? (
        <Text size="sm" c="dimmed">
          Every schema is as it was recorded.
        </Text>
      ) : null}
      <Stack gap="xs">
        {found.data?.items.map((anomaly) => (
          <Group key={anomaly.id} justify="space-between" wrap="nowrap">
            <Anchor component={Link} to={`/anomalies/${anomaly.id}`} truncate>
              {anomaly.title}
            </Anchor>
            <Badge variant="light" color={anomaly.severity === 'error' ? 'red' : 'orange'}>
              {anomaly.severity}
            </Badge>
          </Group>
        ))}
      </Stack>
    </Panel>
  );
}

function Health() {
  const instances = useInstances();
  const environments = useEnvironments();
  const named = new Map(environments.data?.map((one) => [one.id, one.name]));
  return (
    <Panel title="Instances">
      {instances.data?.length ? (
        <Stack gap={6}>
          {instances.data.map((instance) => (
            <Group key={instance.id} justify="space-between" wrap="nowrap">
              <Anchor component={Link} to={`/instances/${instance.id}`} truncate>
                {instance.name}
              </Anchor>
              <Group gap="xs" wrap="nowrap">
                <Text size="sm" c="dimmed">
                  {named.get(instance.environment)}
                </Text>
                <Badge variant="light" color={instance.state?.up ? 'teal' : 'gray'}>
                  {instance.state?.up ? 'up' : 'not seen yet'}
                </Badge>
              </Group>
            </Group>
          ))}
        </Stack>
      ) : (
        <Text size="sm" c="dimmed">
          No server stands behind Sluice yet.
        </Text>
      )}
    </Panel>
  );
}

export function Home() {
  const me = useMe();
  const instances = useInstances();
  const projects = useProjects();
  const databases = useDatabases();
  const changes = useQuery({
    queryKey: ['changes', 'first'],
    queryFn: () => api.get<ListPage<Change>>('/changes', { limit: 500 }),
  });
  const drift = useQuery({
    queryKey: ['anomalies', 'first'],
    queryFn: () =>
      api.get<ListPage<Anomaly>>('/anomalies', {
        kind: 'schema.drift',
        status: 'resolved',
        limit: 1,
      }),
  });
  const known = instances.data && projects.data && databases.data && changes.data && drift.data;
  const steps = known
    ? firstSteps(
        instances.data,
        projects.data,
        databases.data,
        changes.data.items,
        drift.data.items.length > 0,
      )
    : [];
  const left = steps.some((step) => !step.done);
  return (
    <Page title="Home" lead={`Signed in as ${me.name}, ${me.role} of this workspace.`}>
      <div className="panels">
        {left ? <FirstSteps steps={steps} /> : null}
        <Issues
          title="Waits for approval"
          query={{ status: 'open', task: 'pending_approval', limit: 6 }}
          none="Nothing waits for a person."
        />
        <Issues
          title="Needs a look"
          query={{ status: 'open', task: 'failed', limit: 6 }}
          none="No task has failed."
        />
        <Issues title="Recent issues" query={{ limit: 6 }} none="Nobody has asked for a change." />
        <Anomalies />
        <Health />
      </div>
    </Page>
  );
}
