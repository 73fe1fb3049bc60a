// The way through a new workspace, checked off by what there is.
import type { Change, DatabaseEntry, Instance, Project } from '@/types/model';

export interface Step {
  done: boolean;
  label: string;
  to: string;
}

export function firstSteps(
  instances: readonly Instance[],
  projects: readonly Project[],
  databases: readonly DatabaseEntry[],
  changes: readonly Pick<Change, 'type' | 'status'>[],
  driftEnded: boolean,
): Step[] {
  const project = projects.find((one) => one.key !== 'DEFAULT');
  const own = databases.find((one) => one.present && one.project === project?.id);
  const ran = (type: Change['type']) =>
    changes.some((change) => change.type === type && change.status === 'done');
  const inProject = (query: string) =>
    project ? `/projects/${project.id}/new?${query}` : '/projects?new';
  const inDatabase = (type: string) =>
    inProject(own ? `type=${type}&database=${own.id}` : `type=${type}`);
  return [
    { done: instances.length > 0, label: 'Add an instance', to: '/instances?add' },
    { done: project !== undefined, label: 'Create a project', to: '/projects?new' },
    {
      done: own !== undefined,
      label: 'Create a database, or transfer one in',
      to: inProject('type=database.create'),
    },
    {
      done: ran('schema.update'),
      label: 'Make a table in the Schema Editor',
      to: inDatabase('schema.update'),
    },
    { done: ran('data.update'), label: 'Change data', to: inDatabase('data.update') },
    {
      done: ran('data.rollback'),
      label: 'Roll a data change back',
      to: own ? `/databases/${own.id}` : '/issues?status=done',
    },
    {
      done: driftEnded,
      label: 'See a change from outside as drift, and end it',
      to: '/anomalies',
    },
  ];
}
