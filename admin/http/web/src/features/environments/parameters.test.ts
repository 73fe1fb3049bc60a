import { expect, it } from 'vitest';
import { readParameter, showParameter } from './parameters';

it('reads back what it shows', () => {
  for (const value of [['a', 'b'], 5, 'x{1,3}', true, []]) {
    expect(readParameter(showParameter(value), value)).toEqual(value);
  }
});

it('keeps what does not fit, so that the server says why', () => {
  expect(readParameter('many', 5)).toBe('many');
});
