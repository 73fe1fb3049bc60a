import { Anchor, Badge, Table, Text, TextInput } from '@mantine/core';
import { IconDatabase, IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useSearchParams } from 'react-router-dom';
import { Load } from '@/components/ui/load';
import { Page } from '@/components/ui/page';
import { Empty } from '@/components/ui/states';
import { all } from '@/lib/api';
import { useDatabases } from '@/lib/databases';
import { showLabels } from '@/lib/labels';
import { useEnvironments, useInstances, useProjects } from '@/lib/lists';
import { ListTable } from '@/components/ui/list_table';
import type { Anomaly, DatabaseEntry } from '@/types/model';

/** Every database that one may see, of all projects and instances; the filter is in the address. */
export function Databases() {
  const query = useDatabases();
  const projects = useProjects();
  const instances = useInstances();
  const environments = useEnvironments();
  const anomalies = useQuery({
    queryKey: ['anomalies', 'open'],
    queryFn: () => all<Anomaly>('/anomalies', { status: 'open' }),
  });
  const [params, setParams] = useSearchParams();
  const wanted = params.get('q') ?? '';
  const projectOf = new Map(projects.data?.map((one) => [one.id, one.name]));
  const instanceOf = new Map(instances.data?.map((one) => [one.id, one]));
  const environmentOf = new Map(environments.data?.map((one) => [one.id, one.name]));
  const describe = (one: DatabaseEntry) => {
    const instance = instanceOf.get(one.instance);
    return {
      project: projectOf.get(one.project) ?? '',
      instance: instance?.name ?? '',
      environment: instance ? (environmentOf.get(instance.environment) ?? '') : '',
      labels: showLabels(one.labels),
      drifts: anomalies.data?.filter((anomaly) => anomaly.database === one.id) ?? [],
    };
  };
  return (
    <Page
      title="Databases"
      lead="The databases of all your projects, with their change history and schema."
      actions={
        <TextInput
          aria-label="Filter"
          w={290}
          placeholder="Name, project, instance, label…"
          leftSection={<IconSearch size={16} />}
          value={wanted}
          onChange={(event) => {
            const text = event.currentTarget.value;
            setParams(text ? { q: text } : {}, { replace: true });
          }}
        />
      }
    >
      <Load query={query}>
        {(databases) => {
          const shown = databases
            .map((one) => ({ one, ...describe(one) }))
            .filter(({ one, project, instance, environment, labels }) =>
              [one.name, project, instance, environment, ...labels]
                .join('\n')
                .toLowerCase()
                .includes(wanted.toLowerCase()),
            );
          return shown.length === 0 ? (
            <Empty
              icon={IconDatabase}
              title={wanted ? 'No database fits the filter' : 'No database yet'}
            >
              {wanted
                ? null
                : 'Add an instance: its databases are read. New DB of a project makes one.'}
            </Empty>
          ) : (
            <ListTable
              minWidth={640}
              columns={['Name', 'Project', 'Instance', 'Environment', 'State']}
            >
              {shown.map(({ one, project, instance, environment, labels, drifts }) => (
                <Table.Tr key={one.id}>
                  <Table.Td>
                    <Anchor component={Link} to={`/databases/${one.id}`}>
                      {one.name}
                    </Anchor>
                    {labels.length > 0 ? (
                      <Text size="xs" c="dimmed">
                        {labels.join(', ')}
                      </Text>
                    ) : null}
                  </Table.Td>
                  <Table.Td>
                    <Anchor component={Link} size="sm" to={`/projects/${one.project}`}>
                      {project}
                    </Anchor>
                  </Table.Td>
                  <Table.Td>{instance}</Table.Td>
                  <Table.Td>{environment}</Table.Td>
                  <Table.Td>
                    {drifts.map((anomaly) => (
                      <Anchor
                        key={anomaly.id}
                        component={Link}
                        size="sm"
                        to={`/anomalies/${anomaly.id}`}
                      >
                        {anomaly.title}
                      </Anchor>
                    ))}
                    {one.frozen ? <Badge variant="light">frozen</Badge> : null}
                    {one.present ? null : (
                      <Text size="sm" c="dimmed">
                        not found by the last sync
                      </Text>
                    )}
                    {one.present && drifts.length === 0 && anomalies.isSuccess ? (
                      <Text size="sm" c="dimmed">
                        {one.schema_recorded_at ? 'as recorded' : 'not recorded yet'}
                      </Text>
                    ) : null}
                  </Table.Td>
                </Table.Tr>
              ))}
            </ListTable>
          );
        }}
      </Load>
    </Page>
  );
}
