import { Anchor, Card, Group, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'react-router-dom';
import { Ago } from '@/components/ui/ago';
import { Load } from '@/components/ui/load';
import { all, api, type Page } from '@/lib/api';
import { useDatabases } from '@/lib/databases';
import { counted, typeLabels } from '@/lib/words';
import type { Anomaly, Change, Issue } from '@/types/model';

const kShown = 6;

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Card withBorder>
      <Title order={2} size="h5" mb="xs">
        {title}
      </Title>
      <Stack gap={6}>{children}</Stack>
    </Card>
  );
}

function Line({ to, text, time }: { to: string; text: string; time: string }) {
  return (
    <Group justify="space-between" wrap="nowrap" gap="xs">
      <Anchor component={Link} size="sm" to={to} truncate>
        {text}
      </Anchor>
      <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }} component="span">
        <Ago time={time} />
      </Text>
    </Group>
  );
}

const nothing = (text: string) => (
  <Text size="sm" c="dimmed">
    {text}
  </Text>
);

function Databases({ project }: { project: number }) {
  const query = useDatabases({ project });
  const anomalies = useQuery({
    queryKey: ['anomalies', 'open'],
    queryFn: () => all<Anomaly>('/anomalies', { status: 'open' }),
  });
  return (
    <Load query={query} rows={2}>
      {(databases) => {
        const own = new Map(databases.map((one) => [one.id, one.name]));
        const open = (anomalies.data ?? []).filter((one) => own.has(one.database ?? 0));
        return (
          <>
            {databases.length === 0 ? (
              nothing('None yet: make one with New DB, or transfer one in.')
            ) : (
              <Text size="sm">{counted(databases.length, 'database')}</Text>
            )}
            {open.slice(0, kShown).map((one) => (
              <Line
                key={one.id}
                to={`/anomalies/${one.id}`}
                text={`${own.get(one.database ?? 0) ?? ''}: ${one.title}`}
                time={one.opened_at}
              />
            ))}
            {databases.length > 0 && open.length === 0 ? nothing('No anomaly is open.') : null}
          </>
        );
      }}
    </Load>
  );
}

/** What there is in a project, what is under way, and what happened last. */
export function Overview({ project }: { project: number }) {
  const issues = useQuery({
    queryKey: ['issues', 'overview', project],
    queryFn: () => api.get<Page<Issue>>('/issues', { project, status: 'open', limit: kShown }),
  });
  const changes = useQuery({
    queryKey: ['changes', 'overview', project],
    queryFn: () => api.get<Page<Change>>('/changes', { project, limit: kShown }),
  });
  return (
    <SimpleGrid cols={{ base: 1, md: 3 }} style={{ alignItems: 'start' }}>
      <Part title="Databases">
        <Databases project={project} />
      </Part>
      <Part title="Open issues">
        <Load query={issues} rows={2}>
          {({ items }) =>
            items.length === 0
              ? nothing('Nothing is under way.')
              : items.map((one) => (
                  <Line
                    key={one.id}
                    to={`/issues/${one.id}`}
                    text={one.title}
                    time={one.updated_at}
                  />
                ))
          }
        </Load>
      </Part>
      <Part title="Last changes">
        <Load query={changes} rows={2}>
          {({ items }) =>
            items.length === 0
              ? nothing('Nothing was changed yet.')
              : items.map((one) => (
                  <Line
                    key={one.id}
                    to={`/changes/${one.id}`}
                    text={`${typeLabels[one.type]} of ${one.database.name} by ${one.actor || 'Sluice'}`}
                    time={one.started_at}
                  />
                ))
          }
        </Load>
      </Part>
    </SimpleGrid>
  );
}
