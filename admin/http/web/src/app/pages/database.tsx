import { Alert, Anchor, Badge, Group, Stack, Table, Tabs, Text, Title } from '@mantine/core';
import { IconAlertTriangle, IconSnowflake } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { Link, useParams, useSearchParams } from 'react-router-dom';
import { Load } from '@/components/ui/load';
import { Page } from '@/components/ui/page';
import { Loading } from '@/components/ui/states';
import { ChangeList } from '@/features/changes/change_list';
import { DatabaseActions } from '@/features/databases/actions';
import { all } from '@/lib/api';
import { useDatabase, useSchema } from '@/lib/databases';
import { showLabels } from '@/lib/labels';
import { useInstances, useProjects } from '@/lib/lists';
import type { Anomaly } from '@/types/model';
import { ListTable } from '@/components/ui/list_table';

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
              <ListTable minWidth={520} columns={['Column', 'Type', 'Null', 'Comment']}>
                {table.columns.map((column) => (
                  <Table.Tr key={column.name}>
                    <Table.Td>{column.name}</Table.Td>
                    <Table.Td className="mono">{column.type}</Table.Td>
                    <Table.Td>{column.nullable ? 'yes' : 'no'}</Table.Td>
                    <Table.Td>{column.comment}</Table.Td>
                  </Table.Tr>
                ))}
              </ListTable>
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

export function DatabasePage() {
  const id = Number(useParams().id);
  const query = useDatabase(id);
  const projects = useProjects();
  const instances = useInstances();
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
                    { label: 'Databases', to: '/databases' },
                    { label: project.name, to: `/projects/${project.id}` },
                  ]
                : []
            }
            lead={
              <Group gap="xs">
                <Anchor component={Link} size="sm" to={`/instances/${database.instance}`}>
                  {instances.data?.find((one) => one.id === database.instance)?.name ?? 'Instance'}
                </Anchor>
                <span>
                  {database.character_set}, {database.collation}
                  {database.present ? '' : ' – the last sync did not find it on its instance'}
                </span>
                {showLabels(database.labels).map((label) => (
                  <Badge key={label} variant="light" color="gray">
                    {label}
                  </Badge>
                ))}
              </Group>
            }
            actions={<DatabaseActions database={database} />}
          >
            {database.frozen ? (
              <Alert
                color="blue"
                variant="light"
                icon={<IconSnowflake />}
                title="The database is frozen"
              >
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
