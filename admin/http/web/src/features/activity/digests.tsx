import { Badge, Group, Stack, Table, Text } from '@mantine/core';
import { IconActivityHeartbeat } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Ago } from '@/components/ui/ago';
import { Empty, Failed, Loading } from '@/components/ui/states';
import { api, type Page } from '@/lib/api';
import { duration } from '@/lib/time';
import type { Digest, Verdict } from '@/types/model';
import { looked, noSamples, sparkline, type Samples } from './samples';
import { ListTable } from '@/components/ui/list_table';

const colors: Record<Verdict, string> = {
  pass: 'teal',
  record: 'blue',
  review: 'yellow',
  hold: 'orange',
  deny: 'red',
};
const verdicts = Object.keys(colors) as Verdict[];
interface Watched {
  items: Digest[];
  samples: Samples;
}
const keyOf = (row: Digest) => `${row.instance}\n${row.account}\n${row.digest}`;

function Counts({ counts, shadow }: { counts: Digest['verdicts']; shadow: boolean }) {
  return verdicts
    .filter((verdict) => counts[verdict] > 0 && !(shadow && verdict === 'pass'))
    .map((verdict) => (
      <Badge
        key={verdict}
        size="sm"
        variant={shadow ? 'default' : 'light'}
        color={shadow ? 'gray' : colors[verdict]}
      >
        {shadow ? `would ${verdict}` : verdict} {counts[verdict].toLocaleString('en')}
      </Badge>
    ));
}

function Spark({ rates, named }: { rates: readonly number[]; named: string }) {
  const points = sparkline(rates, 90, 22);
  return (
    <svg width={90} height={22} role="img" aria-label={`Rate of ${named} while this page is open`}>
      {points === '' ? null : (
        <polyline
          points={points}
          fill="none"
          stroke="var(--mantine-primary-color-filled)"
          strokeWidth={1.5}
        />
      )}
    </svg>
  );
}

/** Statements by digest: how often, how long, and what the gate said or, in shadow, would have said. */
export function Digests({ wanted }: { wanted: string }) {
  const client = useQueryClient();
  const query = useQuery({
    queryKey: ['digests'],
    // With what was counted before, so that rates are told while somebody watches.
    queryFn: async (): Promise<Watched> => {
      const { items } = await api.get<Page<Digest>>('/digests', { limit: 500 });
      const before = client.getQueryData<Watched>(['digests'])?.samples ?? noSamples;
      return {
        items,
        samples: looked(before, new Map(items.map((row) => [keyOf(row), row.count]))),
      };
    },
    refetchInterval: 3000,
    staleTime: 0,
  });
  if (query.isError) return <Failed error={query.error} retry={query.refetch} />;
  if (!query.data) return <Loading />;
  const { items, samples } = query.data;
  const fits = (row: Digest) =>
    `${row.text} ${row.account} ${row.instance}`.toLowerCase().includes(wanted.toLowerCase());
  const shown = items.filter(fits);
  if (shown.length === 0) {
    return (
      <Empty
        icon={IconActivityHeartbeat}
        title={wanted ? 'No statement fits the filter' : 'No statement was counted yet'}
      >
        {wanted ? null : 'Statements of MySQL clients are counted here since this proxy started.'}
      </Empty>
    );
  }
  return (
    <ListTable
      minWidth={1000}
      verticalSpacing="xs"
      columns={[
        'Statement',
        'Verdicts',
        { label: 'Count', right: true },
        'Rate',
        { label: 'Errors', right: true },
        { label: 'Rows', right: true },
        { label: 'p50', right: true },
        { label: 'p95', right: true },
        { label: 'p99', right: true },
        'Last seen',
      ]}
    >
      {shown.map((row) => (
        <Table.Tr key={keyOf(row)} style={{ verticalAlign: 'top' }}>
          <Table.Td maw={420}>
            <Text className="mono prewrap" lineClamp={3} title={row.text.slice(0, 2000)}>
              {row.digest === '' ? 'others, which made room' : row.text}
            </Text>
            <Text size="xs" c="dimmed">
              {row.account} on {row.instance}
            </Text>
          </Table.Td>
          <Table.Td>
            <Stack gap={2} align="start">
              <Group gap={4}>
                <Counts counts={row.verdicts} shadow={false} />
              </Group>
              <Group gap={4}>
                <Counts counts={row.shadow_verdicts} shadow />
              </Group>
            </Stack>
          </Table.Td>
          <Table.Td ta="right">{row.count.toLocaleString('en')}</Table.Td>
          <Table.Td>
            <Spark rates={samples.rates.get(keyOf(row)) ?? []} named={row.text.slice(0, 60)} />
          </Table.Td>
          <Table.Td ta="right">{row.errors.toLocaleString('en')}</Table.Td>
          <Table.Td ta="right">{(row.rows_sent + row.rows_affected).toLocaleString('en')}</Table.Td>
          <Table.Td ta="right" className="when">
            {duration(row.latency_us.p50 / 1e6)}
          </Table.Td>
          <Table.Td ta="right" className="when">
            {duration(row.latency_us.p95 / 1e6)}
          </Table.Td>
          <Table.Td ta="right" className="when">
            {duration(row.latency_us.p99 / 1e6)}
          </Table.Td>
          <Table.Td>
            <Ago time={row.last_seen} />
          </Table.Td>
        </Table.Tr>
      ))}
    </ListTable>
  );
}
