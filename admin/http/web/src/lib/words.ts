import type { IssueType } from '@/types/model';

/** "1 row", "2 rows", "100,000 rows". */
export const counted = (count: number, what: string): string =>
  `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`;

/** What an issue, and the change that it makes, is called. */
export const typeLabels: Record<IssueType, string> = {
  'database.create': 'Create database',
  'schema.update': 'Alter schema',
  'data.update': 'Change data',
  'data.rollback': 'Rollback',
  'schema.baseline': 'New baseline',
};
