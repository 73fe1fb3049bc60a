import {
  ActionIcon,
  Badge,
  Button,
  Group,
  Modal,
  PasswordInput,
  Select,
  Stack,
  Switch,
  Table,
  Text,
  TextInput,
} from '@mantine/core';
import { IconPencil, IconPlus } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Ago } from '@/components/ui/ago';
import { FormButtons } from '@/components/ui/form_buttons';
import { Load } from '@/components/ui/load';
import { Page } from '@/components/ui/page';
import { Failed } from '@/components/ui/states';
import { api } from '@/lib/api';
import { useForm } from '@/lib/form';
import { useUsers } from '@/lib/lists';
import { useMe, useSession } from '@/lib/session';
import type { User, WorkspaceRole } from '@/types/model';
import { ListTable } from '@/components/ui/list_table';

const roles: { value: WorkspaceRole; label: string }[] = [
  { value: 'owner', label: 'Owner: everything' },
  { value: 'dba', label: 'DBA: instances, approvals, admin mode' },
  { value: 'developer', label: 'Developer: what their projects allow' },
];

function NewUser({ onClose }: { onClose: () => void }) {
  const form = useForm(
    { name: '', email: '', password: '', role: 'developer' },
    (values) => api.post<User>('/users', values),
    { stale: [['users']], onDone: onClose },
  );
  return (
    <form onSubmit={form.submit}>
      <Stack>
        {form.problem ? <Failed error={form.problem} /> : null}
        <TextInput label="Name" required data-autofocus {...form.text('name')} />
        <TextInput label="Email" type="email" required {...form.text('email')} />
        <PasswordInput
          label="Password"
          description="For the first sign-in; they change it in their profile."
          required
          autoComplete="new-password"
          {...form.text('password')}
        />
        <Select
          label="Role"
          allowDeselect={false}
          data={roles}
          value={form.values.role}
          onChange={(role) => form.set('role', role as WorkspaceRole)}
        />
        <FormButtons label="Create" busy={form.busy} onClose={onClose} />
      </Stack>
    </form>
  );
}

/** Another name, or a new password for who has forgotten theirs: their sessions end. */
function EditUser({ user, onClose }: { user: User; onClose: () => void }) {
  const form = useForm(
    { name: user.name, password: '' },
    ({ name, password }) =>
      api.patch<User>(`/users/${user.id}`, password === '' ? { name } : { name, password }),
    { stale: [['users'], ['me']], onDone: onClose },
  );
  return (
    <form onSubmit={form.submit}>
      <Stack>
        {form.problem ? <Failed error={form.problem} /> : null}
        <TextInput label="Name" required data-autofocus {...form.text('name')} />
        <PasswordInput
          label="New password"
          description="Empty: it stays. A new one ends their sessions."
          autoComplete="new-password"
          {...form.text('password')}
        />
        <FormButtons label="Save" busy={form.busy} onClose={onClose} />
      </Stack>
    </form>
  );
}

export function Users() {
  const query = useUsers();
  const client = useQueryClient();
  const me = useMe();
  const { may } = useSession();
  const manage = may('users.manage');
  const [adding, setAdding] = useState(false);
  const [editing, setEditing] = useState<User | null>(null);
  const change = useMutation({
    mutationFn: ({ id, ...patch }: { id: number; role?: WorkspaceRole; active?: boolean }) =>
      api.patch(`/users/${id}`, patch),
    onSettled: () => client.invalidateQueries({ queryKey: ['users'] }),
  });
  return (
    <Page
      title="Users"
      lead="People of this workspace. Somebody who is deactivated is out with their next request."
      actions={
        manage ? (
          <Button leftSection={<IconPlus size={16} />} onClick={() => setAdding(true)}>
            Add user
          </Button>
        ) : null
      }
    >
      {change.isError ? <Failed error={change.error} /> : null}
      <Load query={query}>
        {(users) => (
          <ListTable
            minWidth={640}
            columns={[
              'Person',
              'Role',
              'Since',
              'Active',
              ...(manage ? [{ label: 'Actions', hidden: true }] : []),
            ]}
          >
            {users.map((user) => (
              <Table.Tr key={user.id}>
                <Table.Td>
                  <Group gap="xs">
                    {user.name}
                    {user.id === me.id ? (
                      <Badge size="sm" variant="light">
                        you
                      </Badge>
                    ) : null}
                  </Group>
                  <Text size="xs" c="dimmed">
                    {user.email}
                  </Text>
                </Table.Td>
                <Table.Td className="whole">
                  {manage ? (
                    <Select
                      aria-label={`Role of ${user.name}`}
                      w={290}
                      data={roles}
                      value={user.role}
                      allowDeselect={false}
                      onChange={(role) =>
                        change.mutate({ id: user.id, role: role as WorkspaceRole })
                      }
                    />
                  ) : (
                    user.role
                  )}
                </Table.Td>
                <Table.Td>
                  <Ago time={user.created_at} />
                </Table.Td>
                <Table.Td>
                  <Switch
                    aria-label={`${user.name} is active`}
                    checked={user.active}
                    disabled={!manage || user.id === me.id}
                    onChange={(event) =>
                      change.mutate({ id: user.id, active: event.currentTarget.checked })
                    }
                  />
                </Table.Td>
                {manage ? (
                  <Table.Td ta="right">
                    <ActionIcon
                      variant="subtle"
                      aria-label={`Edit ${user.name}`}
                      onClick={() => setEditing(user)}
                    >
                      <IconPencil size={18} />
                    </ActionIcon>
                  </Table.Td>
                ) : null}
              </Table.Tr>
            ))}
          </ListTable>
        )}
      </Load>
      <Modal opened={adding} onClose={() => setAdding(false)} title="Add user" centered>
        <NewUser onClose={() => setAdding(false)} />
      </Modal>
      <Modal
        opened={editing !== null}
        onClose={() => setEditing(null)}
        title={`Edit ${editing?.name ?? ''}`}
        centered
      >
        {editing ? <EditUser user={editing} onClose={() => setEditing(null)} /> : null}
      </Modal>
    </Page>
  );
}
