import { Alert, Anchor, Badge, Button, Group, Stack, Table, Tabs, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { Link, useNavigate, useParams } from 'react-router-dom';
import { Ago } from '@/components/ui/ago';
import { Load } from '@/components/ui/load';
import { Page } from '@/components/ui/page';
import { Failed, Loading } from '@/components/ui/states';
import { api } from '@/lib/api';
import { useDatabase } from '@/lib/databases';
import { useInstances } from '@/lib/lists';
import type { AnomalyDetail, IssueDetail } from '@/types/model';
import { ListTable } from '@/components/ui/list_table';

const SqlEditor = lazy(() => import('@/components/ui/sql_editor'));
const DiffView = lazy(() => import('@/components/ui/diff_view'));

const answers = {
  baseline: {
    label: 'Establish new baseline',
    says: 'Takes the live schema as the record. Nothing runs on the server.',
  },
  adopt: {
    label: 'Adopt',
    says: 'Takes the live schema as the record, and keeps the statements that made it in the history.',
  },
  revert: {
    label: 'Revert',
    says: 'Makes a schema change that takes the server back to the record.',
  },
} as const;
type Answer = keyof typeof answers;

/** The three ways in which a drift ends; each is an issue. */
function Actions({ anomaly }: { anomaly: AnomalyDetail }) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const answer = useMutation({
    mutationFn: (how: Answer) => api.post<IssueDetail>(`/anomalies/${anomaly.id}/${how}`),
    onSuccess: (issue) => void navigate(`/issues/${issue.id}`),
  });
  const scan = useMutation({
    mutationFn: () => api.post(`/databases/${anomaly.database ?? 0}/scan`),
    onSuccess: () => client.invalidateQueries({ queryKey: ['anomalies'] }),
  });
  if (anomaly.status !== 'open') return null;
  const drift = anomaly.kind === 'schema.drift';
  return (
    <Stack gap="xs" align="end">
      <Group gap="xs">
        {anomaly.database === null ? null : (
          <Button variant="default" loading={scan.isPending} onClick={() => scan.mutate()}>
            Scan now
          </Button>
        )}
        {drift
          ? (Object.keys(answers) as Answer[]).map((how) => (
              <Button
                key={how}
                variant={how === 'baseline' ? 'filled' : 'default'}
                loading={answer.isPending && answer.variables === how}
                title={answers[how].says}
                onClick={() => answer.mutate(how)}
              >
                {answers[how].label}
              </Button>
            ))
          : null}
      </Group>
      {answer.isError ? <Failed error={answer.error} /> : null}
      {scan.isError ? <Failed error={scan.error} /> : null}
    </Stack>
  );
}

function Ddl({ anomaly, which }: { anomaly: AnomalyDetail; which: 'revert' | 'adopt' }) {
  return (
    <Stack>
      <Text size="sm" c="dimmed">
        {which === 'revert'
          ? 'The DDL that takes the server back to the record.'
          : 'The DDL that was run outside, as far as it can be told from the two schemas.'}{' '}
        {answers[which].says}
      </Text>
      <SqlEditor label={answers[which].label} value={anomaly[which]} readOnly />
    </Stack>
  );
}

/** What ran outside Sluice, as the binary log tells it. */
function Outside({ anomaly }: { anomaly: AnomalyDetail }) {
  return (
    <ListTable
      minWidth={640}
      aria-label="Statements that ran outside"
      columns={['Statement', 'By', 'When']}
    >
      {anomaly.statements.map((one) => (
        <Table.Tr key={`${one.ran_at}-${one.thread_id}-${one.statement}`}>
          <Table.Td className="mono prewrap">{one.statement}</Table.Td>
          <Table.Td>
            {one.account === null
              ? 'not known'
              : `${one.author_by === 'counts' ? 'probably ' : ''}${one.account} at ${one.host ?? 'a host not told'}`}
            <Text size="xs" c="dimmed">
              connection {one.thread_id}
            </Text>
          </Table.Td>
          <Table.Td>
            <Ago time={one.ran_at} />
          </Table.Td>
        </Table.Tr>
      ))}
    </ListTable>
  );
}

function Place({ anomaly }: { anomaly: AnomalyDetail }) {
  const database = useDatabase(anomaly.database);
  const instances = useInstances();
  const instance = instances.data?.find((one) => one.id === anomaly.instance);
  return (
    <>
      {database.data ? (
        <Anchor component={Link} size="sm" to={`/databases/${database.data.id}`}>
          {database.data.name}
        </Anchor>
      ) : null}
      {instance ? (
        <Anchor component={Link} size="sm" to={`/instances/${instance.id}`}>
          {instance.name}
        </Anchor>
      ) : null}
    </>
  );
}

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
              <Place anomaly={anomaly} />
            </Group>
          }
          actions={<Actions anomaly={anomaly} />}
        >
          {anomaly.status === 'resolved' && anomaly.resolved_at ? (
            <Alert color="teal" variant="light">
              It is over since <Ago time={anomaly.resolved_at} />.
            </Alert>
          ) : null}
          <Text className={anomaly.statements.length > 0 ? '' : 'prewrap'}>{anomaly.detail}</Text>
          {anomaly.statements.length > 0 ? <Outside anomaly={anomaly} /> : null}
          {anomaly.recorded || anomaly.live ? (
            <Suspense fallback={<Loading />}>
              <Tabs defaultValue="diff" keepMounted={false}>
                <Tabs.List>
                  <Tabs.Tab value="diff">View diff</Tabs.Tab>
                  <Tabs.Tab value="revert">DDL to revert</Tabs.Tab>
                  <Tabs.Tab value="adopt">DDL to adopt</Tabs.Tab>
                </Tabs.List>
                <Tabs.Panel value="diff" pt="md">
                  <DiffView
                    before={anomaly.recorded}
                    after={anomaly.live}
                    names={['Recorded', 'Live']}
                  />
                </Tabs.Panel>
                <Tabs.Panel value="revert" pt="md">
                  <Ddl anomaly={anomaly} which="revert" />
                </Tabs.Panel>
                <Tabs.Panel value="adopt" pt="md">
                  <Ddl anomaly={anomaly} which="adopt" />
                </Tabs.Panel>
              </Tabs>
            </Suspense>
          ) : null}
        </Page>
      )}
    </Load>
  );
}
