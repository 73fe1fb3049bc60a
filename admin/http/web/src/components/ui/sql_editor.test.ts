import { EditorState } from '@codemirror/state';
import { expect, it } from 'vitest';
import { diagnosticsOf } from './sql_editor';

it('puts a finding at its line and column, and leaves out what lies outside the sheet', () => {
  const state = EditorState.create({ doc: 'SELECT 1;\nDROP TABLE t;' });
  const marks = diagnosticsOf(state, [
    { line: 2, column: 6, level: 'error', message: 'a' },
    { line: 9, column: 1, level: 'warning', message: 'b' },
    { line: 1, column: 0, level: 'warning', message: 'whole line' },
  ]);
  expect(marks.map(({ from, to }) => [from, to])).toEqual([
    [15, 23],
    [0, 9],
  ]);
});
