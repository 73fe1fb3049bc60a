import {
  Anchor,
  Badge,
  Button,
  Group,
  Modal,
  SegmentedControl,
  Stack,
  Table,
  Text,
  TextInput,
} from '@mantine/core';
import { IconFolder, IconPlus } from '@tabler/icons-react';
import { Link, useNavigate, useSearchParams } from 'react-router-dom';
import { Load } from '@/components/ui/load';
import { Page } from '@/components/ui/page';
import { Empty, Failed } from '@/components/ui/states';
import { api } from '@/lib/api';
import { useForm } from '@/lib/form';
import { useProjects } from '@/lib/lists';
import { suggestKey } from '@/lib/project_key';
import { useSession } from '@/lib/session';
import type { Project } from '@/types/model';

function NewProject({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const navigate = useNavigate();
  const form = useForm(
    { name: '', key: '', mode: 'standard' },
    (values) =>
      api.post<Project>('/projects', { ...values, key: values.key || suggestKey(values.name) }),
    {
      stale: [['projects']],
      onDone: (project) => void navigate(`/projects/${project.id}`),
    },
  );
  return (
    <Modal opened={opened} onClose={onClose} title="New Project" centered>
      <form onSubmit={form.submit}>
        <Stack>
          {form.problem ? <Failed error={form.problem} /> : null}
          <TextInput label="Name" required data-autofocus {...form.text('name')} />
          <TextInput
            label="Key"
            description="Short, in capitals: it stands before the numbers of the project's issues."
            placeholder={suggestKey(form.values.name)}
            {...form.text('key')}
          />
          <div>
            <Text size="sm" fw={500} mb={4} id="mode">
              Mode
            </Text>
            <SegmentedControl
              aria-labelledby="mode"
              fullWidth
              value={form.values.mode}
              onChange={(value) => form.set('mode', value)}
              data={[
                { value: 'standard', label: 'Standard' },
                { value: 'tenant', label: 'Tenant' },
              ]}
            />
            <Text size="xs" c="dimmed" mt={4}>
              {form.values.mode === 'standard'
                ? 'Each change names its databases.'
                : 'One change runs in every database that its labels choose.'}
            </Text>
          </div>
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
    </Modal>
  );
}

export function Projects() {
  const query = useProjects();
  const { may } = useSession();
  const [params, setParams] = useSearchParams();
  const create = may('projects.create') ? (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setParams({ new: '' })}>
      New Project
    </Button>
  ) : null;
  return (
    <Page
      title="Projects"
      lead="A project groups databases, the issues that change them, and the people who may."
      actions={create}
    >
      <Load query={query}>
        {(projects) =>
          projects.length === 0 ? (
            <Empty icon={IconFolder} title="No project yet" action={create}>
              Ask an owner of the workspace to make you a member of one, or create your own.
            </Empty>
          ) : (
            <Table.ScrollContainer minWidth={480}>
              <Table highlightOnHover>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>Name</Table.Th>
                    <Table.Th>Key</Table.Th>
                    <Table.Th>Mode</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {projects.map((project) => (
                    <Table.Tr key={project.id}>
                      <Table.Td>
                        <Anchor component={Link} to={`/projects/${project.id}`}>
                          {project.name}
                        </Anchor>
                      </Table.Td>
                      <Table.Td className="mono">{project.key}</Table.Td>
                      <Table.Td>
                        <Badge variant="light" color={project.mode === 'tenant' ? 'grape' : 'gray'}>
                          {project.mode}
                        </Badge>
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
          )
        }
      </Load>
      <NewProject opened={params.has('new')} onClose={() => setParams({})} />
    </Page>
  );
}
