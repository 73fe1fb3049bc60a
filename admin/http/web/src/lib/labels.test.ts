import { expect, it } from 'vitest';
import { hasLabels, readLabels, showLabels } from './labels';

it('reads what it shows, and names what is no label', () => {
  const labels = { region: 'eu', tier: '' };
  expect(readLabels(showLabels(labels))).toEqual({ labels, bad: [] });
  expect(readLabels(['region', '=eu', ' a = b=c '])).toEqual({
    labels: { a: 'b=c' },
    bad: ['region', '=eu'],
  });
});

it('chooses a database that has all of the labels', () => {
  expect(hasLabels({ region: 'eu', tier: '1' }, { region: 'eu' })).toBe(true);
  expect(hasLabels({ region: 'us' }, { region: 'eu' })).toBe(false);
  expect(hasLabels({}, {})).toBe(true);
});
