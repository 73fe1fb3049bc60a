import { expect, it } from 'vitest';
import { differences } from './row_diff';

it('shows of an update what names the row and what changed', () => {
  const rows = differences({
    before: { id: '1', name: 'a', age: null },
    after: { id: '1', name: 'b', age: null },
  });
  expect(rows).toEqual([
    { column: 'id', before: '1', after: '1', differs: false },
    { column: 'name', before: 'a', after: 'b', differs: true },
  ]);
});

it('shows of a conflict what somebody else changed, too', () => {
  const row = { before: { id: '1', a: '1', b: 'x' }, after: { id: '1', a: '2', b: 'x' } };
  const columns = differences({ ...row, now: { id: '1', a: '2', b: 'y' } }).map(
    (one) => one.column,
  );
  expect(columns).toEqual(['id', 'a', 'b']);
  expect(differences({ ...row, now: null })).toHaveLength(2);
});

it('shows all of a row that came or went', () => {
  expect(differences({ before: null, after: { id: '1', name: null } })).toEqual([
    { column: 'id', before: null, after: '1', differs: true },
    { column: 'name', before: null, after: null, differs: false },
  ]);
  expect(differences({ before: { id: '1' }, after: null })).toHaveLength(1);
  expect(differences({ before: null, after: null })).toEqual([]);
});
