import { Anchor, Group, SegmentedControl, Table, Text } from '@mantine/core';
import { IconListCheck } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useSearchParams } from 'react-router-dom';
import { Ago } from '@/components/ui/ago';
import { Older } from '@/components/ui/older';
import { Empty, Failed, Loading } from '@/components/ui/states';
import { api, type Page } from '@/lib/api';
import { useProjects } from '@/lib/lists';
import { ListTable } from '@/components/ui/list_table';
import { typeLabels } from '@/lib/words';
import type { Issue } from '@/types/model';
import { IssueBadge } from './status';

/** Issues, newest first; the filter is in the address. */
export function IssueList({ project, database }: { project?: number; database?: number }) {
  const [params, setParams] = useSearchParams();
  const status = params.get('status') ?? 'open';
  const projects = useProjects();
  const keyOf = new Map(projects.data?.map((one) => [one.id, one.key]));
  const query = useInfiniteQuery({
    queryKey: ['issues', 'list', { project, database, status }],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) =>
      api.get<Page<Issue>>('/issues', {
        project,
        database,
        status: status === 'all' ? undefined : status,
        cursor: pageParam,
      }),
    getNextPageParam: (page) => page.next_cursor,
  });
  const issues = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <Group>
        <SegmentedControl
          aria-label="Which issues"
          value={status}
          onChange={(value) => {
            const next = new URLSearchParams(params);
            next.set('status', value);
            setParams(next, { replace: true });
          }}
          data={[
            { value: 'open', label: 'Open' },
            { value: 'done', label: 'Done' },
            { value: 'canceled', label: 'Canceled' },
            { value: 'all', label: 'All' },
          ]}
        />
      </Group>
      {query.isError ? <Failed error={query.error} retry={query.refetch} /> : null}
      {query.isPending ? <Loading /> : null}
      {query.isSuccess && issues.length === 0 ? (
        <Empty icon={IconListCheck} title={status === 'open' ? 'No open issue' : 'No issue here'}>
          An issue is one change: it names its databases, is checked, approved where that is asked
          for, and run.
        </Empty>
      ) : null}
      {issues.length > 0 ? (
        <ListTable minWidth={700} columns={['Issue', 'Kind', 'Status', 'By', 'Changed']}>
          {issues.map((issue) => (
            <Table.Tr key={issue.id}>
              <Table.Td>
                <Anchor component={Link} to={`/issues/${issue.id}`}>
                  {issue.title}
                </Anchor>
                <Text size="xs" c="dimmed">
                  {keyOf.get(issue.project) ?? ''}-{issue.id}
                </Text>
              </Table.Td>
              <Table.Td>{typeLabels[issue.type]}</Table.Td>
              <Table.Td>
                <IssueBadge status={issue.status} />
              </Table.Td>
              <Table.Td>
                {issue.creator?.name ?? 'Sluice'}
                <Text size="xs" c="dimmed">
                  {issue.source}
                </Text>
              </Table.Td>
              <Table.Td>
                <Ago time={issue.updated_at} />
              </Table.Td>
            </Table.Tr>
          ))}
        </ListTable>
      ) : null}
      <Older query={query} label="Older issues" />
    </>
  );
}
