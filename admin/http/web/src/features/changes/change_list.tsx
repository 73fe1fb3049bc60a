import { Anchor, Badge, Table, Text } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from 'react-router-dom';
import { Ago } from '@/components/ui/ago';
import { Older } from '@/components/ui/older';
import { Empty, Failed, Loading } from '@/components/ui/states';
import { api, type Page } from '@/lib/api';
import { ListTable } from '@/components/ui/list_table';
import { typeLabels } from '@/lib/words';
import type { Change } from '@/types/model';

/** The change history of a database or of a project, newest first. */
export function ChangeList({ project, database }: { project?: number; database?: number }) {
  const query = useInfiniteQuery({
    queryKey: ['changes', 'list', { project, database }],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) =>
      api.get<Page<Change>>('/changes', { project, database, cursor: pageParam }),
    getNextPageParam: (page) => page.next_cursor,
  });
  const changes = query.data?.pages.flatMap((page) => page.items) ?? [];
  if (query.isError) return <Failed error={query.error} retry={query.refetch} />;
  if (query.isPending) return <Loading />;
  if (changes.length === 0) {
    return (
      <Empty icon={IconHistory} title="No change yet">
        What runs through an issue or the gate is kept here, with the schema before and after.
      </Empty>
    );
  }
  return (
    <>
      <ListTable
        minWidth={720}
        columns={[
          'Version',
          'Kind',
          ...(database === undefined ? ['Database'] : []),
          'By',
          { label: 'Rows', right: true },
          'Status',
          'When',
        ]}
      >
        {changes.map((change) => (
          <Table.Tr key={change.id}>
            <Table.Td>
              <Anchor component={Link} to={`/changes/${change.id}`} className="mono">
                {change.version}
              </Anchor>
            </Table.Td>
            <Table.Td>{typeLabels[change.type]}</Table.Td>
            {database === undefined ? <Table.Td>{change.database.name}</Table.Td> : null}
            <Table.Td>
              {change.actor || 'Sluice'}
              <Text size="xs" c="dimmed">
                {change.source}
              </Text>
            </Table.Td>
            <Table.Td ta="right">{change.affected_rows.toLocaleString('en')}</Table.Td>
            <Table.Td>
              <Badge variant="light" color={change.status === 'done' ? 'teal' : 'red'}>
                {change.status}
              </Badge>
            </Table.Td>
            <Table.Td>
              <Ago time={change.started_at} />
            </Table.Td>
          </Table.Tr>
        ))}
      </ListTable>
      <Older query={query} label="Older changes" />
    </>
  );
}
