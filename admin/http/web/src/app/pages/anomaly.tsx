import { Anchor, Badge, Group, Stack, Tabs, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { Link, useParams } from 'react-router-dom';
import { Ago } from '@/components/ui/ago';
import { Load } from '@/components/ui/load';
import { Page } from '@/components/ui/page';
import { Loading } from '@/components/ui/states';
import { api } from '@/lib/api';
import type { AnomalyDetail } from '@/types/model';

const SqlEditor = lazy(() => import('@/components/ui/sql_editor'));
const DiffView = lazy(() => import('@/components/ui/diff_view'));

export function AnomalyPage() {
  const id = Number(useParams().id);
  const query = useQuery({
    queryKey: ['anomalies', id],
    queryFn: () => api.get<AnomalyDetail>(`/anomalies/${id}`),
  });
  return (
    <Load query={query}>
      {(anomaly) => (
        <Page
          title={anomaly.title}
          crumbs={[{ label: 'Anomaly Center', to: '/anomalies' }]}
          lead={
            <Group gap="xs">
              <Badge variant="light" color={anomaly.status === 'open' ? 'orange' : 'teal'}>
                {anomaly.status}
              </Badge>
              <span>
                {anomaly.kind}, seen first <Ago time={anomaly.opened_at} />
              </span>
              {anomaly.database === null ? null : (
                <Anchor component={Link} size="sm" to={`/databases/${anomaly.database}`}>
                  Database
                </Anchor>
              )}
            </Group>
          }
        >
          <Text className="prewrap">{anomaly.detail}</Text>
          {anomaly.recorded || anomaly.live ? (
            <Suspense fallback={<Loading />}>
              <Tabs defaultValue="diff" keepMounted={false}>
                <Tabs.List>
                  <Tabs.Tab value="diff">View diff</Tabs.Tab>
                  <Tabs.Tab value="revert">Revert</Tabs.Tab>
                  <Tabs.Tab value="adopt">Adopt</Tabs.Tab>
                </Tabs.List>
                <Tabs.Panel value="diff" pt="md">
                  <DiffView
                    before={anomaly.recorded}
                    after={anomaly.live}
                    names={['Recorded', 'Live']}
                  />
                </Tabs.Panel>
                <Tabs.Panel value="revert" pt="md">
                  <Stack>
                    <Text size="sm" c="dimmed">
                      The DDL that takes the server back to the record. Run it as a schema change.
                    </Text>
                    <SqlEditor label="Revert" value={anomaly.revert} readOnly />
                  </Stack>
                </Tabs.Panel>
                <Tabs.Panel value="adopt" pt="md">
                  <Stack>
                    <Text size="sm" c="dimmed">
                      The DDL that was run outside. A new baseline of the database takes it into the
                      record.
                    </Text>
                    <SqlEditor label="Adopt" value={anomaly.adopt} readOnly />
                  </Stack>
                </Tabs.Panel>
              </Tabs>
            </Suspense>
          ) : null}
        </Page>
      )}
    </Load>
  );
}
