import {
  ActionIcon,
  Button,
  Group,
  Select,
  Stack,
  Table,
  Text,
  Title,
  Tooltip,
} from '@mantine/core';
import { IconTrash, IconUsers } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Confirm } from '@/components/ui/confirm';
import { Load } from '@/components/ui/load';
import { Empty, Failed } from '@/components/ui/states';
import { all, api, withQuery } from '@/lib/api';
import { useUsers } from '@/lib/lists';
import type { Member, ProjectRole } from '@/types/model';
import { ListTable } from '@/components/ui/list_table';

export const useMembers = (project: number) =>
  useQuery({
    queryKey: ['projects', project, 'members'],
    queryFn: () => all<Member>(`/projects/${project}/members`),
  });

const roles: { value: ProjectRole; label: string }[] = [
  { value: 'owner', label: 'Owner' },
  { value: 'developer', label: 'Developer' },
  { value: 'viewer', label: 'Viewer' },
];

export function Members({ project }: { project: number }) {
  const key = ['projects', project, 'members'];
  const query = useMembers(project);
  const users = useUsers();
  const client = useQueryClient();
  const [chosen, setChosen] = useState<string | null>(null);
  const [leaving, setLeaving] = useState<Member | null>(null);
  const refresh = () => client.invalidateQueries({ queryKey: key });
  const put = useMutation({
    mutationFn: (member: { user: number; role: ProjectRole }) =>
      api.put(`/projects/${project}/members`, member),
    onSuccess: () => {
      setChosen(null);
      return refresh();
    },
  });
  const remove = useMutation({
    mutationFn: (user: number) => api.delete(withQuery(`/projects/${project}/members`, { user })),
    onSuccess: () => {
      setLeaving(null);
      return refresh();
    },
  });
  return (
    <Stack>
      <Title order={2} size="h4">
        Members
      </Title>
      {put.isError ? <Failed error={put.error} /> : null}
      <Load query={query} rows={3}>
        {(members) => (
          <>
            {users.data ? (
              <Group align="end">
                <Select
                  label="Add a person"
                  placeholder="Name"
                  searchable
                  w={280}
                  value={chosen}
                  onChange={setChosen}
                  data={users.data
                    .filter((user) => user.active && !members.some((one) => one.user === user.id))
                    .map((user) => ({
                      value: String(user.id),
                      label: `${user.name} (${user.email})`,
                    }))}
                />
                <Button
                  disabled={chosen === null}
                  loading={put.isPending}
                  onClick={() => put.mutate({ user: Number(chosen), role: 'developer' })}
                >
                  Add as developer
                </Button>
              </Group>
            ) : null}
            {members.length === 0 ? (
              <Empty icon={IconUsers} title="No members yet">
                Owners and DBAs of the workspace reach every project; others must be members.
              </Empty>
            ) : (
              <ListTable
                minWidth={480}
                columns={['Person', 'Role', { label: 'Actions', hidden: true }]}
              >
                {members.map((member) => (
                  <Table.Tr key={member.user}>
                    <Table.Td>
                      {member.name}
                      <Text size="xs" c="dimmed">
                        {member.email}
                      </Text>
                    </Table.Td>
                    <Table.Td>
                      <Select
                        aria-label={`Role of ${member.name}`}
                        w={140}
                        data={roles}
                        value={member.role}
                        allowDeselect={false}
                        onChange={(role) =>
                          put.mutate({ user: member.user, role: role as ProjectRole })
                        }
                      />
                    </Table.Td>
                    <Table.Td ta="right">
                      <Tooltip label={`Remove ${member.name}`}>
                        <ActionIcon
                          variant="subtle"
                          color="red"
                          aria-label={`Remove ${member.name}`}
                          onClick={() => setLeaving(member)}
                        >
                          <IconTrash size={18} />
                        </ActionIcon>
                      </Tooltip>
                    </Table.Td>
                  </Table.Tr>
                ))}
              </ListTable>
            )}
          </>
        )}
      </Load>
      <Confirm
        opened={leaving !== null}
        title={`Remove ${leaving?.name ?? ''} from the project?`}
        action="Remove"
        busy={remove.isPending}
        error={remove.error}
        onClose={() => setLeaving(null)}
        onConfirm={() => leaving && remove.mutate(leaving.user)}
      >
        What they did stays in the history. They no longer see the project&apos;s databases and
        issues.
      </Confirm>
    </Stack>
  );
}
