import { expect, it } from 'vitest';
import { choices } from './gate_grid';

it('offers review only for what changes something', () => {
  expect(choices('read')).toEqual(['pass', 'deny']);
  expect(choices('transaction')).toEqual(['pass', 'deny']);
  expect(choices('ddl')).toContain('review');
  expect(choices('opaque')).toContain('hold');
});
