import {
  ActionIcon,
  Anchor,
  Button,
  Group,
  Select,
  Stack,
  Table,
  Tabs,
  Text,
  Title,
  Tooltip,
} from '@mantine/core';
import { IconDatabase, IconTrash, IconUsers } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useParams, useSearchParams } from 'react-router-dom';
import { Confirm } from '@/components/ui/confirm';
import { Load } from '@/components/ui/load';
import { Page } from '@/components/ui/page';
import { Empty, Failed } from '@/components/ui/states';
import { ChangeList } from '@/features/changes/change_list';
import { IssueList } from '@/features/issues/issue_list';
import { all, api } from '@/lib/api';
import { useDatabases } from '@/lib/databases';
import { useInstances, useUsers } from '@/lib/lists';
import type { Member, Project, ProjectRole } from '@/types/model';

const roles: { value: ProjectRole; label: string }[] = [
  { value: 'owner', label: 'Owner' },
  { value: 'developer', label: 'Developer' },
  { value: 'viewer', label: 'Viewer' },
];

function Members({ project }: { project: number }) {
  const key = ['projects', project, 'members'];
  const query = useQuery({
    queryKey: key,
    queryFn: () => all<Member>(`/projects/${project}/members`),
  });
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
    mutationFn: (user: number) => api.delete(`/projects/${project}/members`, { user }),
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
              <Table>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>Person</Table.Th>
                    <Table.Th>Role</Table.Th>
                    <Table.Th />
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
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
                </Table.Tbody>
              </Table>
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

function ProjectActions({ project }: { project: number }) {
  const link = (type: string, label: string) => (
    <Button variant="default" component={Link} to={`/projects/${project}/new?type=${type}`}>
      {label}
    </Button>
  );
  return (
    <>
      {link('database.create', 'New DB')}
      {link('schema.update', 'Alter Schema')}
      {link('data.update', 'Change Data')}
    </>
  );
}

function TransferIn({ project }: { project: number }) {
  const client = useQueryClient();
  const databases = useDatabases();
  const [chosen, setChosen] = useState<string | null>(null);
  const transfer = useMutation({
    mutationFn: () => api.patch(`/databases/${chosen ?? ''}`, { project }),
    onSuccess: () => {
      setChosen(null);
      return client.invalidateQueries({ queryKey: ['databases'] });
    },
  });
  const others = (databases.data ?? []).filter((one) => one.project !== project && one.present);
  return (
    <Stack gap="xs">
      <Group align="end">
        <Select
          label="Transfer in DB"
          placeholder={
            others.length === 0 ? 'No other database is known' : 'Database of another project'
          }
          searchable
          w={280}
          data={others.map((one) => ({ value: String(one.id), label: one.name }))}
          value={chosen}
          onChange={setChosen}
        />
        <Button
          variant="default"
          disabled={chosen === null}
          loading={transfer.isPending}
          onClick={() => transfer.mutate()}
        >
          Transfer
        </Button>
      </Group>
      {transfer.isError ? <Failed error={transfer.error} /> : null}
    </Stack>
  );
}

function Databases({ project }: { project: number }) {
  const query = useDatabases({ project });
  const instances = useInstances();
  const nameOf = new Map(instances.data?.map((one) => [one.id, one.name]));
  return (
    <Stack>
      <TransferIn project={project} />
      <Load query={query}>
        {(databases) =>
          databases.length === 0 ? (
            <Empty icon={IconDatabase} title="No database yet">
              Create one with New DB, or transfer one in.
            </Empty>
          ) : (
            <Table highlightOnHover>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Name</Table.Th>
                  <Table.Th>Instance</Table.Th>
                  <Table.Th>Character set</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {databases.map((database) => (
                  <Table.Tr key={database.id}>
                    <Table.Td>
                      <Anchor component={Link} to={`/databases/${database.id}`}>
                        {database.name}
                      </Anchor>
                    </Table.Td>
                    <Table.Td>{nameOf.get(database.instance) ?? database.instance}</Table.Td>
                    <Table.Td>{database.character_set}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          )
        }
      </Load>
    </Stack>
  );
}

function ProjectTabs({ project }: { project: number }) {
  const [params, setParams] = useSearchParams();
  return (
    <Tabs
      value={params.get('tab') ?? 'databases'}
      onChange={(tab) => setParams({ tab: tab ?? 'databases' }, { replace: true })}
      keepMounted={false}
    >
      <Tabs.List>
        <Tabs.Tab value="databases">Databases</Tabs.Tab>
        <Tabs.Tab value="issues">Issues</Tabs.Tab>
        <Tabs.Tab value="history">Change history</Tabs.Tab>
        <Tabs.Tab value="members">Members</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="databases" pt="md">
        <Databases project={project} />
      </Tabs.Panel>
      <Tabs.Panel value="issues" pt="md">
        <Stack>
          <IssueList project={project} />
        </Stack>
      </Tabs.Panel>
      <Tabs.Panel value="history" pt="md">
        <ChangeList project={project} />
      </Tabs.Panel>
      <Tabs.Panel value="members" pt="md">
        <Members project={project} />
      </Tabs.Panel>
    </Tabs>
  );
}

export function ProjectPage() {
  const id = Number(useParams().id);
  const query = useQuery({
    queryKey: ['projects', id],
    queryFn: () => api.get<Project>(`/projects/${id}`),
  });
  return (
    <Load query={query}>
      {(project) => (
        <Page
          title={project.name}
          crumbs={[{ label: 'Projects', to: '/projects' }]}
          lead={`Key ${project.key}, mode ${project.mode}.`}
          actions={<ProjectActions project={id} />}
        >
          <ProjectTabs project={id} />
        </Page>
      )}
    </Load>
  );
}
