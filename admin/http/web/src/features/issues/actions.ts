// Which buttons an issue offers: what its state allows. Who may press them is the server's to say.
import type { IssueDetail, Stage, Task } from '@/types/model';

const settled = (task: Task) => task.status === 'done' || task.status === 'skipped';

/** The first stage with a task that is not settled. */
export function currentStage(issue: Pick<IssueDetail, 'stages'>): Stage | undefined {
  return issue.stages.find((stage) => !stage.tasks.every(settled));
}

export interface IssueActions {
  approve: boolean;
  reject: boolean;
  resolve: boolean;
  cancel: boolean;
  reopen: boolean;
}

export function issueActions(issue: Pick<IssueDetail, 'stages' | 'status'>): IssueActions {
  const open = issue.status === 'open';
  const stage = currentStage(issue);
  const waiting =
    open && (stage?.tasks.some((task) => task.status === 'pending_approval') ?? false);
  return {
    approve:
      waiting &&
      (stage?.tasks.every(
        (task) =>
          task.checks_status !== 'not_run' &&
          task.checks_status !== 'running' &&
          task.checks_status !== 'error',
      ) ??
        false),
    reject: waiting,
    resolve: open && stage === undefined,
    cancel:
      open && !issue.stages.some((one) => one.tasks.some((task) => task.status === 'running')),
    reopen: issue.status === 'canceled',
  };
}

export interface TaskActions {
  run: boolean;
  retry: boolean;
  skip: boolean;
  cancel: boolean;
  check: boolean;
  edit: boolean;
}

export function taskActions(
  issue: Pick<IssueDetail, 'stages' | 'status'>,
  task: Task,
): TaskActions {
  const current = issue.status === 'open' && (currentStage(issue)?.tasks.includes(task) ?? false);
  const waits = task.status === 'pending_approval' || task.status === 'pending';
  const stopped =
    task.status === 'failed' || task.status === 'canceled' || task.status === 'needs_person';
  return {
    // What passed runs by itself; what warned is let go by a person.
    run: current && task.status === 'pending_approval' && task.checks_status === 'warning',
    retry: issue.status === 'open' && stopped,
    skip: issue.status === 'open' && (waits || stopped),
    cancel: issue.status === 'open' && task.status === 'running' && !task.cancel_requested,
    check: issue.status === 'open' && waits && task.checks_status !== 'running',
    edit: issue.status === 'open' && (waits || stopped),
  };
}
