import { expect, it } from 'vitest';
import type { IssueDetail, Task } from '@/types/model';
import { currentStage, issueActions, taskActions } from './actions';

function issue(status: IssueDetail['status'], ...stages: Partial<Task>[][]) {
  return {
    status,
    stages: stages.map((tasks, id) => ({
      id,
      environment: { id, name: String(id) },
      tasks: tasks.map((task) => ({ checks_status: 'passed', ...task }) as Task),
    })),
  };
}

it('is at the first stage that is not settled', () => {
  const one = issue('open', [{ status: 'done' }, { status: 'skipped' }], [{ status: 'pending' }]);
  expect(currentStage(one)?.id).toBe(1);
  expect(currentStage(issue('open', [{ status: 'done' }]))).toBeUndefined();
});

it('offers approval only when the checks allow it', () => {
  expect(issueActions(issue('open', [{ status: 'pending_approval' }]))).toMatchObject({
    approve: true,
    reject: true,
    resolve: false,
  });
  expect(
    issueActions(issue('open', [{ status: 'pending_approval', checks_status: 'error' }])).approve,
  ).toBe(false);
  expect(issueActions(issue('open', [{ status: 'done' }]))).toMatchObject({
    approve: false,
    resolve: true,
  });
  expect(issueActions(issue('canceled', [{ status: 'canceled' }]))).toMatchObject({
    reopen: true,
    cancel: false,
  });
  expect(issueActions(issue('open', [{ status: 'running' }])).cancel).toBe(false);
});

it('offers a task what its state allows', () => {
  const one = issue(
    'open',
    [{ status: 'failed' }, { status: 'running', cancel_requested: false }],
    [{ status: 'pending' }, { status: 'needs_person' }],
  );
  const offered = one.stages.flatMap((stage) => stage.tasks).map((task) => taskActions(one, task));
  expect(offered[0]).toMatchObject({ retry: true, skip: true, run: false, edit: true });
  expect(offered[1]).toMatchObject({ cancel: true, retry: false, edit: false });
  expect(offered[2]).toMatchObject({ run: false, skip: false, settle: false });
  expect(offered[3]).toMatchObject({ settle: true, retry: true, skip: true, edit: false });
});
