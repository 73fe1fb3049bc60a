import { ActionIcon, Badge, Table, Tabs, Text, TextInput, Tooltip } from '@mantine/core';
import { IconActivityHeartbeat, IconArrowBackUp, IconPlugX, IconSearch } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useSearchParams } from 'react-router-dom';
import { Ago } from '@/components/ui/ago';
import { Confirm } from '@/components/ui/confirm';
import { Load } from '@/components/ui/load';
import { Page } from '@/components/ui/page';
import { Empty } from '@/components/ui/states';
import { Digests } from '@/features/activity/digests';
import { localTime, readChoice, writeChoice } from '@/features/rollback/choice';
import { api, type Page as ListPage } from '@/lib/api';
import { useInstances } from '@/lib/lists';
import { useSession } from '@/lib/session';
import { ListTable } from '@/components/ui/list_table';
import type { Connection } from '@/types/model';

function matches(connection: Connection, text: string): boolean {
  const { account, host, program, instance, schema, id } = connection;
  return [account, host, program, instance, schema, String(id)].some((value) =>
    value.toLowerCase().includes(text.toLowerCase()),
  );
}

function Connections({ text }: { text: string }) {
  const client = useQueryClient();
  const { may } = useSession();
  const instances = useInstances();
  const instanceOf = new Map(instances.data?.map((one) => [one.name, one.id]));
  const [ending, setEnding] = useState<Connection | null>(null);
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
    <>
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
            <ListTable
              minWidth={860}
              columns={[
                'Id',
                'Account',
                'From',
                'Instance',
                'State',
                { label: 'Statements', right: true },
                'Since',
                { label: 'Actions', hidden: true },
              ]}
            >
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
                    <Badge variant="light" color={connection.state === 'idle' ? 'gray' : 'teal'}>
                      {connection.state}
                    </Badge>
                  </Table.Td>
                  <Table.Td ta="right">{connection.statements.toLocaleString('en')}</Table.Td>
                  <Table.Td>
                    <Ago time={connection.connected_at} />
                  </Table.Td>
                  <Table.Td ta="right" style={{ whiteSpace: 'nowrap' }}>
                    {may('sql.admin') && instanceOf.has(connection.instance) ? (
                      <Tooltip label={`Undo what ${connection.account} changed`}>
                        <ActionIcon
                          variant="subtle"
                          color="gray"
                          component={Link}
                          aria-label={`Undo changes of connection ${connection.id}`}
                          to={`/undo?${writeChoice({
                            ...readChoice(new URLSearchParams()),
                            instance: String(instanceOf.get(connection.instance)),
                            account: connection.account,
                            thread: String(connection.backend_id ?? ''),
                            from: localTime(new Date(connection.connected_at)),
                          }).toString()}`}
                        >
                          <IconArrowBackUp size={18} />
                        </ActionIcon>
                      </Tooltip>
                    ) : null}
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
            </ListTable>
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
    </>
  );
}

/** What MySQL clients do at the gate now: who is connected, and which statements they send. */
export function Activity() {
  const { may } = useSession();
  const [params, setParams] = useSearchParams();
  const text = params.get('q') ?? '';
  const put = (name: string, value: string) => {
    const next = new URLSearchParams(params);
    if (value) next.set(name, value);
    else next.delete(name);
    setParams(next, { replace: true });
  };
  return (
    <Page
      title="Activity at the gate"
      lead="MySQL clients at this proxy. A connection's number is the one that KILL understands; statements are counted without their literals."
      actions={
        <TextInput
          aria-label="Filter"
          w={250}
          placeholder="Account, host, statement…"
          leftSection={<IconSearch size={16} />}
          value={text}
          onChange={(event) => put('q', event.currentTarget.value)}
        />
      }
    >
      <Tabs
        value={params.get('tab') ?? 'connections'}
        onChange={(tab) => put('tab', tab ?? '')}
        keepMounted={false}
      >
        <Tabs.List>
          <Tabs.Tab value="connections">Connections</Tabs.Tab>
          {may('digests.read') ? <Tabs.Tab value="statements">Statements</Tabs.Tab> : null}
        </Tabs.List>
        <Tabs.Panel value="connections" pt="md">
          <Connections text={text} />
        </Tabs.Panel>
        <Tabs.Panel value="statements" pt="md">
          <Digests wanted={text} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
