// What happened to an issue, as a person would say it. Pure.

const words: Record<string, string> = {
  created: 'made the issue',
  approve: 'approved it',
  void: 'took the approval back: the statement is another',
  reject: 'rejected it',
  run: 'let it run',
  start: 'started the run',
  succeed: 'ended the run: done',
  done: 'ended the run: done',
  fail: 'ended the run: failed',
  failed: 'ended the run: failed',
  cancel: 'canceled it',
  canceled: 'canceled it',
  retry: 'let it run again',
  skip: 'skipped it',
  edit: 'edited the statement',
  check: 'asked for the checks again',
  lose: 'lost sight of the run: a person must look',
  settle_done: 'settled it as done',
  settle_fail: 'settled it as failed',
  rollback_on: 'turned SQL Rollback on',
  rollback_off: 'turned SQL Rollback off',
  resolve: 'resolved the issue',
  reopen: 'opened the issue again',
  comment: 'wrote',
};

/** Of a kind that has no words of its own yet, the kind itself. */
export const activityWords = (kind: string): string => words[kind] ?? kind.replaceAll('_', ' ');
