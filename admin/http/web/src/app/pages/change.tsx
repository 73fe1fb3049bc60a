import { Anchor, Badge, Card, Code, Grid, Group, Table, Tabs, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, type ReactNode } from 'react';
import { Link, useParams } from 'react-router-dom';
import { Load } from '@/components/ui/load';
import { Page } from '@/components/ui/page';
import { Loading } from '@/components/ui/states';
import { typeLabels } from '@/lib/words';
import { ChangeRollback } from '@/features/rollback/change_rollback';
import { api } from '@/lib/api';
import { duration, exact } from '@/lib/time';
import type { ChangeDetail } from '@/types/model';
import { ListTable } from '@/components/ui/list_table';

const SqlEditor = lazy(() => import('@/components/ui/sql_editor'));
const DiffView = lazy(() => import('@/components/ui/diff_view'));

function position(at: { file: string; position: number } | null): string {
  return at ? `${at.file}:${at.position}` : 'not known';
}

function Facts({ change }: { change: ChangeDetail }) {
  const rows: [string, ReactNode][] = [
    ['Version', <Code key="v">{change.version}</Code>],
    ['By', `${change.actor || 'Sluice'} (${change.source})`],
    ...(change.program || change.client_host || change.account
      ? [
          [
            'Program',
            `${change.program || 'unnamed'} at ${change.client_host || 'a host not told'}, as ${change.account}`,
          ] as [string, ReactNode],
        ]
      : []),
    ['When', `${exact(change.started_at)}, took ${duration(change.duration_us / 1e6)}`],
    ['Server', `${change.instance.name}, version ${change.server_version}`],
    ['Rows', change.affected_rows.toLocaleString('en')],
    ['Binary log', `${position(change.binlog.before)} to ${position(change.binlog.after)}`],
    ['GTIDs', change.gtids ? <Code key="g">{change.gtids}</Code> : 'none told'],
    ['Thread', String(change.thread_id)],
  ];
  return (
    <Table withRowBorders={false} verticalSpacing={4}>
      <Table.Tbody>
        {rows.map(([name, value]) => (
          <Table.Tr key={name}>
            <Table.Th w={110} fw={500} c="dimmed">
              {name}
            </Table.Th>
            <Table.Td>{value}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Ran({ change }: { change: ChangeDetail }) {
  return (
    <ListTable
      minWidth={420}
      columns={[
        'Statement',
        'Line',
        'State',
        { label: 'Rows', right: true },
        { label: 'Took', right: true },
      ]}
    >
      {change.statements.map((one) => (
        <Table.Tr key={one.index}>
          <Table.Td className="labelled">{one.index}</Table.Td>
          <Table.Td>{one.line}</Table.Td>
          <Table.Td>
            <Badge
              variant="light"
              color={one.state === 'done' ? 'teal' : one.state === 'failed' ? 'red' : 'gray'}
            >
              {one.state.replaceAll('_', ' ')}
            </Badge>
            {one.error ? <Text size="sm">{one.error}</Text> : null}
          </Table.Td>
          <Table.Td ta="right">{one.affected_rows?.toLocaleString('en') ?? '–'}</Table.Td>
          <Table.Td ta="right">
            {one.duration_us === undefined ? '–' : duration(one.duration_us / 1e6)}
          </Table.Td>
        </Table.Tr>
      ))}
    </ListTable>
  );
}

export function ChangePage() {
  const id = Number(useParams().id);
  const query = useQuery({
    queryKey: ['changes', id],
    queryFn: () => api.get<ChangeDetail>(`/changes/${id}`),
    staleTime: Infinity,
  });
  return (
    <Load query={query}>
      {(change) => (
        <Page
          title={`${typeLabels[change.type]}: ${change.database.name}`}
          crumbs={[
            ...(change.database.id === null
              ? []
              : [{ label: change.database.name, to: `/databases/${change.database.id}` }]),
          ]}
          lead={
            <Group gap="xs">
              <Badge variant="light" color={change.status === 'done' ? 'teal' : 'red'}>
                {change.status}
              </Badge>
              {change.issue === null ? null : (
                <Anchor component={Link} size="sm" to={`/issues/${change.issue}`}>
                  Issue {change.issue}
                </Anchor>
              )}
            </Group>
          }
          actions={change.type.startsWith('data.') ? <ChangeRollback change={change} /> : undefined}
        >
          {change.error ? <Text c="red">{change.error}</Text> : null}
          <Grid>
            <Grid.Col span={{ base: 12, md: 5 }}>
              <Card withBorder>
                <Facts change={change} />
              </Card>
            </Grid.Col>
            <Grid.Col span={{ base: 12, md: 7 }}>
              <Card withBorder>
                <Ran change={change} />
              </Card>
            </Grid.Col>
          </Grid>
          <Suspense fallback={<Loading />}>
            <Tabs defaultValue={change.schema_changed ? 'diff' : 'statement'} keepMounted={false}>
              <Tabs.List>
                <Tabs.Tab value="diff">Schema diff</Tabs.Tab>
                <Tabs.Tab value="statement">Statement</Tabs.Tab>
              </Tabs.List>
              <Tabs.Panel value="diff" pt="md">
                {change.schema_before === change.schema_after ? (
                  <Text c="dimmed">The schema is the same before and after.</Text>
                ) : (
                  <DiffView
                    before={change.schema_before}
                    after={change.schema_after}
                    names={['Before', 'After']}
                  />
                )}
              </Tabs.Panel>
              <Tabs.Panel value="statement" pt="md">
                <SqlEditor label="Statement" value={change.statement} readOnly />
              </Tabs.Panel>
            </Tabs>
          </Suspense>
        </Page>
      )}
    </Load>
  );
}
