import {
  ActionIcon,
  Anchor,
  Button,
  Group,
  Menu,
  Modal,
  Select,
  Stack,
  Table,
  Tabs,
} from '@mantine/core';
import { IconDatabase, IconDots, IconPencil, IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useNavigate, useParams, useSearchParams } from 'react-router-dom';
import { Confirm } from '@/components/ui/confirm';
import { Load } from '@/components/ui/load';
import { Page } from '@/components/ui/page';
import { Empty, Failed } from '@/components/ui/states';
import { ChangeList } from '@/features/changes/change_list';
import { IssueList } from '@/features/issues/issue_list';
import { Members, useMembers } from '@/features/projects/members';
import { Overview } from '@/features/projects/overview';
import { ProjectForm } from '@/features/projects/project_form';
import { api } from '@/lib/api';
import { useDatabases } from '@/lib/databases';
import { useInstances } from '@/lib/lists';
import { useSession } from '@/lib/session';
import type { Project } from '@/types/model';
import { ListTable } from '@/components/ui/list_table';

/** What the project is called, and its end. */
function Manage({ project }: { project: Project }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const { may, me } = useSession();
  const members = useMembers(project.id);
  const [open, setOpen] = useState<'edit' | 'delete' | null>(null);
  const remove = useMutation({
    mutationFn: () => api.delete(`/projects/${project.id}`),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['projects'] });
      void navigate('/projects');
    },
  });
  const owns = members.data?.some((one) => one.user === me?.id && one.role === 'owner') ?? false;
  if (!may('project.manage') && !owns) return null;
  const close = () => {
    setOpen(null);
    remove.reset();
  };
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="default" size={36} aria-label="More of the project">
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconPencil size={16} />} onClick={() => setOpen('edit')}>
            Edit project
          </Menu.Item>
          {may('project.delete') && project.key !== 'DEFAULT' ? (
            <Menu.Item
              color="red"
              leftSection={<IconTrash size={16} />}
              onClick={() => setOpen('delete')}
            >
              Delete project
            </Menu.Item>
          ) : null}
        </Menu.Dropdown>
      </Menu>
      <Modal opened={open === 'edit'} onClose={close} title={`Edit ${project.name}`} centered>
        <ProjectForm project={project} onClose={close} onDone={close} />
      </Modal>
      <Confirm
        opened={open === 'delete'}
        title={`Delete ${project.name}?`}
        action="Delete"
        busy={remove.isPending}
        error={remove.error}
        onClose={close}
        onConfirm={() => remove.mutate()}
      >
        Only a project without databases and issues can be deleted: transfer its databases first.
      </Confirm>
    </>
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
            <ListTable minWidth={480} columns={['Name', 'Instance', 'Character set']}>
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
            </ListTable>
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
      value={params.get('tab') ?? 'overview'}
      onChange={(tab) => setParams({ tab: tab ?? 'overview' }, { replace: true })}
      keepMounted={false}
    >
      <Tabs.List>
        <Tabs.Tab value="overview">Overview</Tabs.Tab>
        <Tabs.Tab value="databases">Databases</Tabs.Tab>
        <Tabs.Tab value="issues">Issues</Tabs.Tab>
        <Tabs.Tab value="history">Change history</Tabs.Tab>
        <Tabs.Tab value="members">Members</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="overview" pt="md">
        <Overview project={project} />
      </Tabs.Panel>
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
          actions={
            <>
              <ProjectActions project={id} />
              <Manage project={project} />
            </>
          }
        >
          <ProjectTabs project={id} />
        </Page>
      )}
    </Load>
  );
}
