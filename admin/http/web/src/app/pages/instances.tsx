import { Anchor, Badge, Button, Modal, Table, Text } from '@mantine/core';
import { IconPlus, IconServer } from '@tabler/icons-react';
import { Link, useNavigate, useSearchParams } from 'react-router-dom';
import { Load } from '@/components/ui/load';
import { Page } from '@/components/ui/page';
import { Empty } from '@/components/ui/states';
import { InstanceForm } from '@/features/instances/instance_form';
import { useEnvironments, useInstances } from '@/lib/lists';
import { ListTable } from '@/components/ui/list_table';
import { useSession } from '@/lib/session';

export function Instances() {
  const query = useInstances();
  const environments = useEnvironments();
  const { may } = useSession();
  const navigate = useNavigate();
  const [params, setParams] = useSearchParams();
  const named = new Map(environments.data?.map((one) => [one.id, one.name]));
  const add = may('instances.manage') ? (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setParams({ add: '' })}>
      Add instance
    </Button>
  ) : null;
  return (
    <Page
      title="Instances"
      lead="An instance is a database server: an Aurora cluster, an RDS instance, a MySQL or MariaDB of your own."
      actions={add}
    >
      <Load query={query}>
        {(instances) =>
          instances.length === 0 ? (
            <Empty icon={IconServer} title="No instance yet" action={add}>
              Add the first server. Sluice checks what it can do there, and says what is missing for
              history, rollback and drift scans.
            </Empty>
          ) : (
            <ListTable
              minWidth={640}
              columns={['Name', 'Environment', 'Address', 'Version', 'State']}
            >
              {instances.map((instance) => (
                <Table.Tr key={instance.id}>
                  <Table.Td>
                    <Anchor component={Link} to={`/instances/${instance.id}`}>
                      {instance.name}
                    </Anchor>
                  </Table.Td>
                  <Table.Td>{named.get(instance.environment)}</Table.Td>
                  <Table.Td className="mono">
                    {instance.host}:{instance.port}
                  </Table.Td>
                  <Table.Td>{instance.state?.version ?? <Text c="dimmed">–</Text>}</Table.Td>
                  <Table.Td>
                    <Badge variant="light" color={instance.state?.up ? 'teal' : 'gray'}>
                      {instance.state?.up ? 'up' : 'not seen yet'}
                    </Badge>
                  </Table.Td>
                </Table.Tr>
              ))}
            </ListTable>
          )
        }
      </Load>
      <Modal
        opened={params.has('add')}
        onClose={() => setParams({})}
        title="Add instance"
        size="lg"
      >
        <InstanceForm
          onCancel={() => setParams({})}
          onDone={(instance) => void navigate(`/instances/${instance.id}`)}
        />
      </Modal>
    </Page>
  );
}
