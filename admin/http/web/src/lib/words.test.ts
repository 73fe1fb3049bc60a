import { expect, it } from 'vitest';
import { counted } from './words';

it('counts as people do', () => {
  expect([0, 1, 2, 100_000].map((count) => counted(count, 'row'))).toEqual([
    '0 rows',
    '1 row',
    '2 rows',
    '100,000 rows',
  ]);
});
