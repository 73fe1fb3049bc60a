import { Anchor, Button, Group, Modal, Select, Stack, Table, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { Link, useNavigate } from 'react-router-dom';
import { Load } from '@/components/ui/load';
import { Page } from '@/components/ui/page';
import { Failed } from '@/components/ui/states';
import { api } from '@/lib/api';
import { useForm } from '@/lib/form';
import { useEnvironments } from '@/lib/lists';
import { useSession } from '@/lib/session';
import type { Environment } from '@/types/model';

function NewEnvironment({ order, onClose }: { order: number; onClose: () => void }) {
  const navigate = useNavigate();
  const form = useForm(
    { name: '', approval: 'manual' },
    (values) => api.post<Environment>('/environments', { ...values, order }),
    {
      stale: [['environments']],
      onDone: (environment) => void navigate(`/environments/${environment.id}`),
    },
  );
  return (
    <form onSubmit={form.submit}>
      <Stack>
        {form.problem ? <Failed error={form.problem} /> : null}
        <TextInput label="Name" required data-autofocus {...form.text('name')} />
        <Select
          label="Approval"
          allowDeselect={false}
          data={[
            { value: 'manual', label: 'Manual: a person approves each change' },
            { value: 'automatic', label: 'Automatic: changes run when every check passed' },
          ]}
          value={form.values.approval}
          onChange={(value) => form.set('approval', value as Environment['approval'])}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={form.busy}>
            Create
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

export function Environments() {
  const query = useEnvironments();
  const { may } = useSession();
  const [adding, setAdding] = useState(false);
  return (
    <Page
      title="Environments"
      lead="Changes go through the environments in this order. Each has its own approval, gate, SQL review and drift interval."
      actions={
        may('environments.manage') ? (
          <Button leftSection={<IconPlus size={16} />} onClick={() => setAdding(true)}>
            Add environment
          </Button>
        ) : null
      }
    >
      <Load query={query} rows={2}>
        {(environments) => (
          <>
            <Table.ScrollContainer minWidth={520}>
              <Table highlightOnHover>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>Order</Table.Th>
                    <Table.Th>Name</Table.Th>
                    <Table.Th>Approval</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {environments.map((environment, place) => (
                    <Table.Tr key={environment.id}>
                      <Table.Td>{place + 1}</Table.Td>
                      <Table.Td>
                        <Anchor component={Link} to={`/environments/${environment.id}`}>
                          {environment.name}
                        </Anchor>
                      </Table.Td>
                      <Table.Td>{environment.approval}</Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
            <Modal
              opened={adding}
              onClose={() => setAdding(false)}
              title="Add environment"
              centered
            >
              <NewEnvironment
                order={Math.max(0, ...environments.map((one) => one.order + 1))}
                onClose={() => setAdding(false)}
              />
            </Modal>
          </>
        )}
      </Load>
    </Page>
  );
}
