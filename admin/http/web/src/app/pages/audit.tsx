import {
  Alert,
  Badge,
  Button,
  Group,
  Spoiler,
  Table,
  Text,
  TextInput,
  Tooltip,
} from '@mantine/core';
import { IconShieldCheck, IconShieldX } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { useSearchParams } from 'react-router-dom';
import { Older } from '@/components/ui/older';
import { Page } from '@/components/ui/page';
import { Empty, Failed, Loading } from '@/components/ui/states';
import { api, type Page as ListPage } from '@/lib/api';
import { exact } from '@/lib/time';
import { ListTable } from '@/components/ui/list_table';
import type { AuditEntry, AuditVerdict } from '@/types/model';

const outcomes: Record<string, string> = { done: 'teal', denied: 'red', failed: 'orange' };

function Verify() {
  const verify = useMutation({ mutationFn: () => api.get<AuditVerdict>('/audit/verify') });
  return (
    <Group>
      {verify.data ? (
        <Badge
          size="lg"
          variant="light"
          color={verify.data.ok ? 'teal' : 'red'}
          leftSection={verify.data.ok ? <IconShieldCheck size={14} /> : <IconShieldX size={14} />}
        >
          {verify.data.ok
            ? `whole: ${verify.data.entries} entries`
            : `broken at entry ${verify.data.first_bad ?? ''}`}
        </Badge>
      ) : null}
      <Button variant="default" loading={verify.isPending} onClick={() => verify.mutate()}>
        Verify the chain
      </Button>
    </Group>
  );
}

export function Audit() {
  const [params, setParams] = useSearchParams();
  const filter = { actor: params.get('actor') ?? '', action: params.get('action') ?? '' };
  const query = useInfiniteQuery({
    queryKey: ['audit', filter],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam }) =>
      api.get<ListPage<AuditEntry>>('/audit', { ...filter, cursor: pageParam }),
    getNextPageParam: (page) => page.next_cursor,
  });
  const set = (name: string, value: string) => {
    const next = new URLSearchParams(params);
    if (value) next.set(name, value);
    else next.delete(name);
    setParams(next, { replace: true });
  };
  const entries = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Page
      title="Audit log"
      lead="Who did what, and what was denied. Each entry carries the hash of the one before: none can be changed or taken out unseen."
      actions={<Verify />}
    >
      <Group>
        <TextInput
          label="Actor"
          placeholder="email"
          value={filter.actor}
          onChange={(event) => set('actor', event.currentTarget.value)}
        />
        <TextInput
          label="Action"
          placeholder="instances.create"
          value={filter.action}
          onChange={(event) => set('action', event.currentTarget.value)}
        />
      </Group>
      {query.isError ? <Failed error={query.error} retry={query.refetch} /> : null}
      {query.isPending ? <Loading /> : null}
      {query.isSuccess && entries.length === 0 ? (
        <Empty icon={IconShieldCheck} title="No entry fits the filter" />
      ) : null}
      {entries.length > 0 ? (
        <ListTable
          minWidth={1080}
          columns={['Time', 'Actor', 'Action', 'Target', 'Outcome', 'Detail']}
        >
          {entries.map((entry) => (
            <Table.Tr key={entry.id}>
              <Table.Td>
                <Tooltip label={`Hash ${entry.hash.slice(0, 16)}…`} openDelay={300}>
                  <Text size="sm" span className="when">
                    {exact(entry.time)}
                  </Text>
                </Tooltip>
              </Table.Td>
              <Table.Td>{entry.actor || <Text c="dimmed">nobody signed in</Text>}</Table.Td>
              <Table.Td className="mono">{entry.action}</Table.Td>
              <Table.Td>{entry.target}</Table.Td>
              <Table.Td>
                <Badge variant="light" color={outcomes[entry.outcome] ?? 'gray'}>
                  {entry.outcome}
                </Badge>
              </Table.Td>
              <Table.Td className="prewrap whole" miw={260}>
                <Spoiler maxHeight={68} showLabel="All of it" hideLabel="Less">
                  {entry.detail}
                </Spoiler>
              </Table.Td>
            </Table.Tr>
          ))}
        </ListTable>
      ) : null}
      <Older query={query} label="Older entries" />
      {!query.hasNextPage && entries.length > 0 ? (
        <Alert variant="light" color="gray">
          That is all of it.
        </Alert>
      ) : null}
    </Page>
  );
}
