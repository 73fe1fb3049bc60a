import {
  Alert,
  Anchor,
  Button,
  Group,
  Modal,
  Stack,
  Table,
  Tabs,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconAlertTriangle, IconPencil, IconRefresh, IconSnowflake } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { Link, useNavigate, useParams, useSearchParams } from 'react-router-dom';
import { Load } from '@/components/ui/load';
import { Page } from '@/components/ui/page';
import { Failed, Loading } from '@/components/ui/states';
import { ChangeList } from '@/features/changes/change_list';
import { all, api } from '@/lib/api';
import { useDatabase, useSchema } from '@/lib/databases';
import { useForm } from '@/lib/form';
import { useProjects } from '@/lib/lists';
import { useSession } from '@/lib/session';
import type { Anomaly, DatabaseEntry, IssueDetail } from '@/types/model';

const SqlEditor = lazy(() => import('@/components/ui/sql_editor'));

function Drift({ database }: { database: number }) {
  const query = useQuery({
    queryKey: ['anomalies', 'open'],
    queryFn: () => all<Anomaly>('/anomalies', { status: 'open' }),
  });
  const own = query.data?.filter((anomaly) => anomaly.database === database) ?? [];
  return own.map((anomaly) => (
    <Alert
      key={anomaly.id}
      color="orange"
      variant="light"
      icon={<IconAlertTriangle />}
      title={anomaly.title}
    >
      <Text size="sm">{anomaly.detail}</Text>
      <Anchor component={Link} to={`/anomalies/${anomaly.id}`} size="sm">
        View diff
      </Anchor>
    </Alert>
  ));
}

/** No change reaches a frozen database: not of an issue, not of a client. */
function Freeze({ database, onClose }: { database: DatabaseEntry; onClose: () => void }) {
  const form = useForm(
    { freeze_reason: database.freeze_reason },
    (values) =>
      api.patch<DatabaseEntry>(`/databases/${database.id}`, {
        frozen: !database.frozen,
        freeze_reason: database.frozen ? '' : values.freeze_reason,
      }),
    { stale: [['databases']], onDone: onClose },
  );
  return (
    <Modal
      opened
      onClose={onClose}
      title={database.frozen ? `Thaw ${database.name}?` : `Freeze ${database.name}?`}
      centered
    >
      <form onSubmit={form.submit}>
        <Stack>
          {form.problem ? <Failed error={form.problem} /> : null}
          {database.frozen ? (
            <Text size="sm">Changes may reach it again, as its environment says.</Text>
          ) : (
            <TextInput
              label="Reason"
              description="What clients are told when the gate refuses their change."
              data-autofocus
              {...form.text('freeze_reason')}
            />
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={form.busy}>
              {database.frozen ? 'Thaw' : 'Freeze'}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

function Tables({ database }: { database: number }) {
  const query = useSchema(database);
  return (
    <Load query={query}>
      {(schema) => (
        <Stack>
          {schema.findings.map((finding) => (
            <Alert key={finding.object + finding.detail} color="orange" variant="light">
              {finding.object} {finding.detail}
            </Alert>
          ))}
          {schema.tables.length === 0 ? <Text c="dimmed">No table yet.</Text> : null}
          {schema.tables.map((table) => (
            <div key={table.name}>
              <Title order={3} size="h5">
                {table.name}
              </Title>
              <Text size="xs" c="dimmed">
                {table.engine} {table.comment}
              </Text>
              <Table withTableBorder mt={4}>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>Column</Table.Th>
                    <Table.Th>Type</Table.Th>
                    <Table.Th>Null</Table.Th>
                    <Table.Th>Comment</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {table.columns.map((column) => (
                    <Table.Tr key={column.name}>
                      <Table.Td>{column.name}</Table.Td>
                      <Table.Td className="mono">{column.type}</Table.Td>
                      <Table.Td>{column.nullable ? 'yes' : 'no'}</Table.Td>
                      <Table.Td>{column.comment}</Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </div>
          ))}
          <Suspense fallback={<Loading />}>
            <SqlEditor label="Schema" value={schema.text} readOnly />
          </Suspense>
        </Stack>
      )}
    </Load>
  );
}

function Actions({ database }: { database: DatabaseEntry }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const { may } = useSession();
  const [freezing, setFreezing] = useState(false);
  const scan = useMutation({
    mutationFn: () => api.post<{ state: string }>(`/databases/${database.id}/scan`),
    onSuccess: ({ state }) => {
      void client.invalidateQueries({ queryKey: ['anomalies'] });
      void client.invalidateQueries({ queryKey: ['databases'] });
      notifications.show({
        message:
          state === 'drift'
            ? 'The live schema differs from the recorded one.'
            : 'The live schema is as it was recorded.',
      });
    },
  });
  const baseline = useMutation({
    mutationFn: () =>
      api.post<IssueDetail>('/issues', {
        project: database.project,
        type: 'schema.baseline',
        title: `New baseline of ${database.name}`,
        targets: [{ database: database.id }],
      }),
    onSuccess: (issue) => void navigate(`/issues/${issue.id}`),
  });
  const change = (type: string, label: string) => (
    <Button
      variant="default"
      leftSection={<IconPencil size={16} />}
      component={Link}
      to={`/projects/${database.project}/new?type=${type}&database=${database.id}`}
    >
      {label}
    </Button>
  );
  return (
    <Stack gap="xs" align="end">
      <Group gap="xs">
        {change('schema.update', 'Alter schema')}
        {change('data.update', 'Change data')}
        <Button
          variant="default"
          leftSection={<IconRefresh size={16} />}
          loading={scan.isPending}
          onClick={() => scan.mutate()}
        >
          Scan now
        </Button>
        {may('databases.transfer') ? (
          <Button
            variant="default"
            leftSection={<IconSnowflake size={16} />}
            onClick={() => setFreezing(true)}
          >
            {database.frozen ? 'Thaw' : 'Freeze'}
          </Button>
        ) : null}
        <Button variant="default" loading={baseline.isPending} onClick={() => baseline.mutate()}>
          Establish new baseline
        </Button>
      </Group>
      {freezing ? <Freeze database={database} onClose={() => setFreezing(false)} /> : null}
      {scan.isError ? <Failed error={scan.error} /> : null}
      {baseline.isError ? <Failed error={baseline.error} /> : null}
    </Stack>
  );
}

export function DatabasePage() {
  const id = Number(useParams().id);
  const query = useDatabase(id);
  const projects = useProjects();
  const [params, setParams] = useSearchParams();
  return (
    <Load query={query}>
      {(database) => {
        const project = projects.data?.find((one) => one.id === database.project);
        return (
          <Page
            title={database.name}
            crumbs={
              project
                ? [
                    { label: 'Projects', to: '/projects' },
                    { label: project.name, to: `/projects/${project.id}` },
                  ]
                : []
            }
            lead={`${database.character_set}, ${database.collation}${database.present ? '' : ' – the last sync did not find it on its instance'}`}
            actions={<Actions database={database} />}
          >
            {database.frozen ? (
              <Alert color="blue" variant="light" icon={<IconSnowflake />} title="It is frozen">
                {database.freeze_reason || 'The gate refuses what would change it.'}
              </Alert>
            ) : null}
            <Drift database={id} />
            <Tabs
              value={params.get('tab') ?? 'history'}
              onChange={(tab) => setParams({ tab: tab ?? 'history' }, { replace: true })}
              keepMounted={false}
            >
              <Tabs.List>
                <Tabs.Tab value="history">Change history</Tabs.Tab>
                <Tabs.Tab value="schema">Schema</Tabs.Tab>
              </Tabs.List>
              <Tabs.Panel value="history" pt="md">
                <ChangeList database={id} />
              </Tabs.Panel>
              <Tabs.Panel value="schema" pt="md">
                <Tables database={id} />
              </Tabs.Panel>
            </Tabs>
          </Page>
        );
      }}
    </Load>
  );
}
