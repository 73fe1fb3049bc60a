import { Alert, Anchor, Button, Group, Stack, Table, Text } from '@mantine/core';
import { IconDatabase, IconRefresh } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from 'react-router-dom';
import { Ago } from '@/components/ui/ago';
import { Load } from '@/components/ui/load';
import { Empty, Failed } from '@/components/ui/states';
import { api } from '@/lib/api';
import { useDatabases } from '@/lib/databases';
import { useProjects } from '@/lib/lists';
import { useSession } from '@/lib/session';
import { ListTable } from '@/components/ui/list_table';
import type { DatabaseEntry, Finding } from '@/types/model';
import { FindingList } from './findings';

/** The databases of an instance as the last sync found them, and a sync now. */
export function InstanceDatabases({ instance }: { instance: number }) {
  const client = useQueryClient();
  const { may } = useSession();
  const query = useDatabases({ instance });
  const projects = useProjects();
  const nameOf = new Map(projects.data?.map((one) => [one.id, one.name]));
  const sync = useMutation({
    mutationFn: () =>
      api.post<{ databases: DatabaseEntry[]; findings: Finding[] }>(`/instances/${instance}/sync`),
    onSuccess: () => client.invalidateQueries({ queryKey: ['databases'] }),
  });
  return (
    <Stack>
      {may('instances.sync') ? (
        <Group>
          <Button
            variant="default"
            leftSection={<IconRefresh size={16} />}
            loading={sync.isPending}
            onClick={() => sync.mutate()}
          >
            Sync
          </Button>
          <Text size="sm" c="dimmed">
            Reads the databases now. The schema of one that is seen first becomes its baseline.
          </Text>
        </Group>
      ) : null}
      {sync.isError ? <Failed error={sync.error} title="The instance was not read" /> : null}
      {sync.data && sync.data.findings.length > 0 ? (
        <Alert color="orange" variant="light" title="What is missing on it">
          <FindingList findings={sync.data.findings} />
        </Alert>
      ) : null}
      <Load query={query}>
        {(databases) =>
          databases.length === 0 ? (
            <Empty icon={IconDatabase} title="No database is known yet">
              Sync reads them; New DB of a project makes one.
            </Empty>
          ) : (
            <ListTable
              minWidth={640}
              columns={['Name', 'Project', 'Character set', 'Schema recorded', 'Synced']}
            >
              {databases.map((database) => (
                <Table.Tr key={database.id}>
                  <Table.Td>
                    <Anchor component={Link} to={`/databases/${database.id}`}>
                      {database.name}
                    </Anchor>
                    {database.present ? null : (
                      <Text size="xs" c="dimmed">
                        not found by the last sync
                      </Text>
                    )}
                  </Table.Td>
                  <Table.Td>
                    <Anchor component={Link} size="sm" to={`/projects/${database.project}`}>
                      {nameOf.get(database.project) ?? `project ${database.project}`}
                    </Anchor>
                  </Table.Td>
                  <Table.Td>
                    {database.character_set}, {database.collation}
                  </Table.Td>
                  <Table.Td>
                    {database.schema_recorded_at ? (
                      <Ago time={database.schema_recorded_at} />
                    ) : (
                      'not yet'
                    )}
                  </Table.Td>
                  <Table.Td>
                    <Ago time={database.synced_at} />
                  </Table.Td>
                </Table.Tr>
              ))}
            </ListTable>
          )
        }
      </Load>
    </Stack>
  );
}
