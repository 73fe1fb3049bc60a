import {
  ActionIcon,
  Anchor,
  Button,
  Group,
  Modal,
  Select,
  Stack,
  Table,
  TextInput,
} from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconGripVertical, IconPlus } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useNavigate } from 'react-router-dom';
import { FormButtons } from '@/components/ui/form_buttons';
import { Load } from '@/components/ui/load';
import { Page } from '@/components/ui/page';
import { Failed } from '@/components/ui/states';
import { api } from '@/lib/api';
import { useForm } from '@/lib/form';
import { moved } from '@/lib/moved';
import { useEnvironments } from '@/lib/lists';
import { useSession } from '@/lib/session';
import { ListTable } from '@/components/ui/list_table';
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
        <FormButtons label="Create" busy={form.busy} onClose={onClose} />
      </Stack>
    </form>
  );
}

export function Environments() {
  const query = useEnvironments();
  const { may } = useSession();
  const client = useQueryClient();
  const [adding, setAdding] = useState(false);
  const [dragged, setDragged] = useState<number | null>(null);
  const manage = may('environments.manage');
  const order = useMutation({
    // One after the other: of two moves in a row the second begins with what the first has made.
    mutationKey: ['environments', 'order'],
    scope: { id: 'environments-order' },
    // Each in its place; those that are there already are left alone.
    mutationFn: async (list: Environment[]) => {
      for (const [place, one] of list.entries()) {
        if (one.order !== place) await api.patch(`/environments/${one.id}`, { order: place });
      }
    },
    onMutate: (list) =>
      client.setQueryData(
        ['environments'],
        list.map((one, place) => ({ ...one, order: place })),
      ),
    // What the last one leaves is asked for, not what lies between two.
    onSettled: () =>
      client.isMutating({ mutationKey: ['environments', 'order'] }) === 1
        ? client.invalidateQueries({ queryKey: ['environments'] })
        : undefined,
  });
  return (
    <Page
      title="Environments"
      lead="Changes go through the environments in this order; drag them into another. Each has its own approval, gate, SQL review and drift interval."
      actions={
        may('environments.manage') ? (
          <Button leftSection={<IconPlus size={16} />} onClick={() => setAdding(true)}>
            Add environment
          </Button>
        ) : null
      }
    >
      {order.isError ? <Failed error={order.error} title="The order was not kept" /> : null}
      <Load query={query} rows={2}>
        {(environments) => (
          <>
            <ListTable minWidth={520} columns={['Order', 'Name', 'Approval']}>
              {environments.map((environment, place) => (
                <Table.Tr
                  key={environment.id}
                  draggable={manage}
                  onDragStart={(event) => {
                    event.dataTransfer.effectAllowed = 'move';
                    event.dataTransfer.setData('text/plain', environment.name);
                    setDragged(place);
                  }}
                  onDragEnd={() => setDragged(null)}
                  onDragOver={(event) => {
                    if (dragged !== null) event.preventDefault();
                  }}
                  onDrop={(event) => {
                    event.preventDefault();
                    if (dragged !== null && dragged !== place)
                      order.mutate(moved(environments, dragged, place));
                    setDragged(null);
                  }}
                  style={dragged === place ? { opacity: 0.5 } : {}}
                >
                  <Table.Td className="labelled">
                    <Group gap={4} wrap="nowrap">
                      {manage ? (
                        <IconGripVertical size={16} aria-hidden style={{ cursor: 'grab' }} />
                      ) : null}
                      {place + 1}
                      {manage ? (
                        <>
                          <ActionIcon
                            variant="subtle"
                            color="gray"
                            aria-label={`Move ${environment.name} up`}
                            disabled={place === 0}
                            onClick={() => order.mutate(moved(environments, place, place - 1))}
                          >
                            <IconArrowUp size={14} />
                          </ActionIcon>
                          <ActionIcon
                            variant="subtle"
                            color="gray"
                            aria-label={`Move ${environment.name} down`}
                            disabled={place === environments.length - 1}
                            onClick={() => order.mutate(moved(environments, place, place + 1))}
                          >
                            <IconArrowDown size={14} />
                          </ActionIcon>
                        </>
                      ) : null}
                    </Group>
                  </Table.Td>
                  <Table.Td>
                    <Anchor component={Link} to={`/environments/${environment.id}`}>
                      {environment.name}
                    </Anchor>
                  </Table.Td>
                  <Table.Td>{environment.approval}</Table.Td>
                </Table.Tr>
              ))}
            </ListTable>
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
