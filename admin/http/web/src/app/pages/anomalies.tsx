import { Anchor, Badge, Button, SegmentedControl, Table, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconRefresh, IconShieldCheck } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useSearchParams } from 'react-router-dom';
import { Ago } from '@/components/ui/ago';
import { Load } from '@/components/ui/load';
import { Page } from '@/components/ui/page';
import { Empty } from '@/components/ui/states';
import { all, api } from '@/lib/api';
import { useDatabases } from '@/lib/databases';
import { useInstances } from '@/lib/lists';
import { useSession } from '@/lib/session';
import { ListTable } from '@/components/ui/list_table';
import type { Anomaly } from '@/types/model';

const colors = { info: 'blue', warning: 'orange', error: 'red' };

const opens = (anomaly: Anomaly) => (anomaly.kind === 'schema.drift' ? 'View diff' : 'View');

export function Anomalies() {
  const client = useQueryClient();
  const { may } = useSession();
  const [params, setParams] = useSearchParams();
  const status = params.get('status') ?? 'open';
  const instances = useInstances();
  const nameOf = new Map(instances.data?.map((one) => [one.id, one.name]));
  const databases = useDatabases();
  const databaseOf = new Map(databases.data?.map((one) => [one.id, one.name]));
  const query = useQuery({
    queryKey: ['anomalies', status],
    queryFn: () => all<Anomaly>('/anomalies', { status }),
  });
  const scan = useMutation({
    mutationFn: () => api.post('/scans'),
    onSuccess: () => {
      notifications.show({ message: 'Every database is being scanned.' });
      return client.invalidateQueries({ queryKey: ['anomalies'] });
    },
  });
  return (
    <Page
      title="Anomaly Center"
      lead="What scans found: schemas that differ from their record, servers that cannot be reached, settings without which rollback cannot work."
      actions={
        may('scans.all') ? (
          <Button
            leftSection={<IconRefresh size={16} />}
            loading={scan.isPending}
            onClick={() => scan.mutate()}
          >
            Scan now
          </Button>
        ) : null
      }
    >
      <SegmentedControl
        aria-label="Which anomalies"
        w="fit-content"
        value={status}
        onChange={(value) => setParams({ status: value }, { replace: true })}
        data={[
          { value: 'open', label: 'Open' },
          { value: 'resolved', label: 'Resolved' },
        ]}
      />
      <Load query={query}>
        {(anomalies) =>
          anomalies.length === 0 ? (
            <Empty
              icon={IconShieldCheck}
              title={status === 'open' ? 'Nothing is out of order' : 'Nothing was resolved yet'}
            >
              {status === 'open'
                ? 'Every schema is as it was recorded, and every server can be reached, as far as the last scans saw.'
                : 'What is adopted, reverted or over by itself is listed here.'}
            </Empty>
          ) : (
            <ListTable
              minWidth={680}
              columns={[
                'What',
                'Database',
                'Instance',
                'Severity',
                'Since',
                'Last seen',
                { label: 'Actions', hidden: true },
              ]}
            >
              {anomalies.map((anomaly) => (
                <Table.Tr key={anomaly.id}>
                  <Table.Td>
                    <Anchor component={Link} to={`/anomalies/${anomaly.id}`}>
                      {anomaly.title}
                    </Anchor>
                    <Text size="xs" c="dimmed">
                      {anomaly.kind}
                    </Text>
                  </Table.Td>
                  <Table.Td>
                    {anomaly.database === null ? (
                      <Text size="sm" c="dimmed" span>
                        –
                      </Text>
                    ) : (
                      <Anchor component={Link} size="sm" to={`/databases/${anomaly.database}`}>
                        {databaseOf.get(anomaly.database) ?? anomaly.database}
                      </Anchor>
                    )}
                  </Table.Td>
                  <Table.Td>{nameOf.get(anomaly.instance) ?? anomaly.instance}</Table.Td>
                  <Table.Td>
                    <Badge variant="light" color={colors[anomaly.severity]}>
                      {anomaly.severity}
                    </Badge>
                  </Table.Td>
                  <Table.Td>
                    <Ago time={anomaly.opened_at} />
                  </Table.Td>
                  <Table.Td>
                    <Ago time={anomaly.last_seen_at} />
                  </Table.Td>
                  <Table.Td ta="right">
                    <Button
                      size="compact-sm"
                      variant="default"
                      component={Link}
                      to={`/anomalies/${anomaly.id}`}
                      aria-label={`${opens(anomaly)}: ${anomaly.title}`}
                    >
                      {opens(anomaly)}
                    </Button>
                  </Table.Td>
                </Table.Tr>
              ))}
            </ListTable>
          )
        }
      </Load>
    </Page>
  );
}
