import { ActionIcon, Badge, Table, Text, TextInput, Tooltip } from '@mantine/core';
import { IconActivityHeartbeat, IconPlugX, IconSearch } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useSearchParams } from 'react-router-dom';
import { Ago } from '@/components/ui/ago';
import { Confirm } from '@/components/ui/confirm';
import { Load } from '@/components/ui/load';
import { Page } from '@/components/ui/page';
import { Empty } from '@/components/ui/states';
import { api, type Page as ListPage } from '@/lib/api';
import { useSession } from '@/lib/session';
import type { Connection } from '@/types/model';

function matches(connection: Connection, text: string): boolean {
  const { account, host, program, instance, schema, id } = connection;
  return [account, host, program, instance, schema, String(id)].some((value) =>
    value.toLowerCase().includes(text.toLowerCase()),
  );
}

export function Connections() {
  const client = useQueryClient();
  const { may } = useSession();
  const [params, setParams] = useSearchParams();
  const [ending, setEnding] = useState<Connection | null>(null);
  const text = params.get('q') ?? '';
  const query = useQuery({
    queryKey: ['connections'],
    queryFn: () => api.get<ListPage<Connection>>('/connections', { limit: 500 }),
    refetchInterval: 3000,
  });
  const end = useMutation({
    mutationFn: (id: number) => api.delete(`/connections/${id}`),
    onSuccess: () => {
      setEnding(null);
      return client.invalidateQueries({ queryKey: ['connections'] });
    },
  });
  return (
    <Page
      title="Connections"
      lead="MySQL clients that are connected now. The number is the one that KILL understands."
      actions={
        <TextInput
          aria-label="Filter"
          placeholder="Account, host, program…"
          leftSection={<IconSearch size={16} />}
          value={text}
          onChange={(event) =>
            setParams(event.currentTarget.value ? { q: event.currentTarget.value } : {}, {
              replace: true,
            })
          }
        />
      }
    >
      <Load query={query}>
        {({ items }) => {
          const shown = items.filter((connection) => matches(connection, text));
          return shown.length === 0 ? (
            <Empty
              icon={IconActivityHeartbeat}
              title={text ? 'No connection fits the filter' : 'Nobody is connected'}
            >
              {text ? null : 'Make an account, and point a MySQL client at the proxy.'}
            </Empty>
          ) : (
            <Table.ScrollContainer minWidth={860}>
              <Table highlightOnHover>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>Id</Table.Th>
                    <Table.Th>Account</Table.Th>
                    <Table.Th>From</Table.Th>
                    <Table.Th>Instance</Table.Th>
                    <Table.Th>State</Table.Th>
                    <Table.Th ta="right">Statements</Table.Th>
                    <Table.Th>Since</Table.Th>
                    <Table.Th />
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {shown.map((connection) => (
                    <Table.Tr key={connection.id}>
                      <Table.Td className="mono">{connection.id}</Table.Td>
                      <Table.Td>{connection.account}</Table.Td>
                      <Table.Td>
                        {connection.program || 'unnamed program'}
                        <Text size="xs" c="dimmed">
                          {connection.host}
                          {connection.tls ? ', TLS' : ''}
                        </Text>
                      </Table.Td>
                      <Table.Td>
                        {connection.instance}
                        {connection.schema ? (
                          <Text size="xs" c="dimmed">
                            {connection.schema}
                          </Text>
                        ) : null}
                      </Table.Td>
                      <Table.Td>
                        <Badge
                          variant="light"
                          color={connection.state === 'idle' ? 'gray' : 'teal'}
                        >
                          {connection.state}
                        </Badge>
                      </Table.Td>
                      <Table.Td ta="right">{connection.statements.toLocaleString('en')}</Table.Td>
                      <Table.Td>
                        <Ago time={connection.connected_at} />
                      </Table.Td>
                      <Table.Td ta="right">
                        {may('connections.end') ? (
                          <Tooltip label="End this connection">
                            <ActionIcon
                              variant="subtle"
                              color="red"
                              aria-label={`End connection ${connection.id}`}
                              onClick={() => setEnding(connection)}
                            >
                              <IconPlugX size={18} />
                            </ActionIcon>
                          </Tooltip>
                        ) : null}
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
          );
        }}
      </Load>
      <Confirm
        opened={ending !== null}
        title={`End connection ${ending?.id ?? ''}?`}
        action="End it"
        busy={end.isPending}
        error={end.error}
        onClose={() => setEnding(null)}
        onConfirm={() => ending && end.mutate(ending.id)}
      >
        The statement that it runs is killed on the server, and its transaction is rolled back.
      </Confirm>
    </Page>
  );
}
