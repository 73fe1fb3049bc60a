import { Spotlight, type SpotlightActionGroupData } from '@mantine/spotlight';
import {
  IconFolder,
  IconSearch,
  IconServer,
  IconDatabase,
  IconListCheck,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from 'react-router-dom';
import { all, api, type Page } from '@/lib/api';
import { useDatabases } from '@/lib/databases';
import { useSession } from '@/lib/session';
import type { Instance, Issue, Project } from '@/types/model';
import { places } from './places';

/** Ctrl-K: pages, projects and instances by name. */
export function Jump() {
  const navigate = useNavigate();
  const { may } = useSession();
  const projects = useQuery({ queryKey: ['projects'], queryFn: () => all<Project>('/projects') });
  const instances = useQuery({
    queryKey: ['instances'],
    queryFn: () => all<Instance>('/instances'),
    enabled: may('instances.read'),
  });
  const databases = useDatabases();
  const issues = useQuery({
    queryKey: ['issues', 'jump'],
    queryFn: () => api.get<Page<Issue>>('/issues', { limit: 100 }),
  });
  const nameOf = new Map(instances.data?.map((one) => [one.id, one.name]));
  const go = (to: string) => () => void navigate(to);
  const groups: SpotlightActionGroupData[] = [
    {
      group: 'Pages',
      actions: places
        .filter(({ needs }) => !needs || may(needs))
        .map((place) => ({
          id: place.to,
          label: place.label,
          leftSection: <place.icon size={18} />,
          onClick: go(place.to),
        })),
    },
    {
      group: 'Projects',
      actions: (projects.data ?? []).map((project) => ({
        id: `project-${project.id}`,
        label: project.name,
        description: project.key,
        leftSection: <IconFolder size={18} />,
        onClick: go(`/projects/${project.id}`),
      })),
    },
    {
      group: 'Databases',
      actions: (databases.data ?? []).map((database) => ({
        id: `database-${database.id}`,
        label: database.name,
        description: nameOf.get(database.instance) ?? '',
        leftSection: <IconDatabase size={18} />,
        onClick: go(`/databases/${database.id}`),
      })),
    },
    {
      group: 'Issues',
      actions: (issues.data?.items ?? []).map((issue) => ({
        id: `issue-${issue.id}`,
        label: issue.title,
        description: `#${issue.id}, ${issue.status}`,
        leftSection: <IconListCheck size={18} />,
        onClick: go(`/issues/${issue.id}`),
      })),
    },
    {
      group: 'Instances',
      actions: (instances.data ?? []).map((instance) => ({
        id: `instance-${instance.id}`,
        label: instance.name,
        description: `${instance.host}:${instance.port}`,
        leftSection: <IconServer size={18} />,
        onClick: go(`/instances/${instance.id}`),
      })),
    },
  ];
  return (
    <Spotlight
      actions={groups.filter((group) => group.actions.length > 0)}
      shortcut={['mod + K']}
      nothingFound="Nothing of that name."
      highlightQuery
      limit={12}
      searchProps={{
        leftSection: <IconSearch size={18} />,
        placeholder: 'Page, project, database, issue or instance',
        'aria-label': 'Page, project, database, issue or instance',
      }}
    />
  );
}
