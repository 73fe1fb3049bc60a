import { expect, it } from 'vitest';
import { activityWords } from './words';

it('says what happened, also of what it has no words for', () => {
  expect(activityWords('approve')).toBe('approved it');
  expect(activityWords('lost_lease')).toBe('lost lease');
});
