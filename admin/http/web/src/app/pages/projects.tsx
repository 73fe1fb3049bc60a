import { Anchor, Badge, Button, Modal, Table } from '@mantine/core';
import { IconFolder, IconPlus } from '@tabler/icons-react';
import { Link, useNavigate, useSearchParams } from 'react-router-dom';
import { Load } from '@/components/ui/load';
import { Page } from '@/components/ui/page';
import { Empty } from '@/components/ui/states';
import { ProjectForm } from '@/features/projects/project_form';
import { useProjects } from '@/lib/lists';
import { ListTable } from '@/components/ui/list_table';
import { useSession } from '@/lib/session';

function NewProject({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const navigate = useNavigate();
  return (
    <Modal opened={opened} onClose={onClose} title="New Project" centered>
      <ProjectForm
        onClose={onClose}
        onDone={(project) => void navigate(`/projects/${project.id}`)}
      />
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
            <ListTable minWidth={480} columns={['Name', 'Key', 'Mode']}>
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
            </ListTable>
          )
        }
      </Load>
      <NewProject opened={params.has('new')} onClose={() => setParams({})} />
    </Page>
  );
}
