import { describe, expect, it } from 'vitest';
import type { SchemaTable } from '@/types/model';
import {
  draftsOf,
  isKey,
  newColumn,
  newTable,
  stateOf,
  toEdit,
  withKey,
  withoutColumn,
  withTable,
} from './draft';
import { moved } from '@/lib/moved';

const column = (name: string, type: string) => ({
  name,
  type,
  nullable: true,
  default: null,
  on_update: null,
  auto_increment: false,
  generated: null,
  comment: '',
});
const parent: SchemaTable = {
  name: 'parent',
  engine: 'InnoDB',
  comment: '',
  columns: [column('id', 'int')],
  indexes: [
    {
      name: 'PRIMARY',
      kind: 'primary',
      unique: true,
      columns: ['id'],
      parts: [{ column: 'id', expression: '', prefix: null, descending: false }],
    },
  ],
  foreign_keys: [],
};
const child: SchemaTable = {
  name: 'child',
  engine: 'InnoDB',
  comment: '',
  columns: [column('parent', 'int')],
  indexes: [],
  foreign_keys: [
    {
      name: 'fk',
      columns: ['parent'],
      schema: '',
      table: 'parent',
      referenced: ['id'],
      on_delete: '',
      on_update: '',
    },
  ],
};
const start = () => {
  const [first, second] = draftsOf({ tables: [parent, child] });
  if (!first || !second) throw new Error('two tables');
  return [first, second] as const;
};

describe('a schema draft', () => {
  it('sends nothing of what is untouched', () => {
    const drafts = start();
    expect(drafts.map(stateOf)).toEqual(['same', 'same']);
    expect(toEdit('h', drafts)).toEqual({
      edit: { hash: 'h', tables: [], dropped: [] },
      sent: [],
      empty: true,
    });
  });

  it('carries indexes and keys of other tables along with a rename', () => {
    const [first, second] = start();
    const renamed = {
      ...first,
      name: 'family',
      columns: first.columns.map((one) => ({ ...one, name: 'number' })),
    };
    const tables = withTable([first, second], renamed);
    const { edit } = toEdit('h', tables);
    expect(edit.tables?.[0]?.indexes?.[0]?.parts?.[0]?.column).toBe('number');
    expect(edit.tables?.[1]?.foreign_keys?.[0]).toMatchObject({
      table: 'family',
      referenced: ['number'],
    });
    expect(edit.tables?.map((table) => table.was)).toEqual(['parent', 'child']);
  });

  it('has new, changed and dropped tables', () => {
    const [first, second] = start();
    const made = newTable('t1');
    made.columns.push(newColumn('name', 'varchar(64)'));
    const tables = [first, { ...second, dropped: true }, made];
    expect(tables.map(stateOf)).toEqual(['same', 'dropped', 'new']);
    const { edit, sent } = toEdit('h', tables);
    expect(edit.dropped).toEqual(['child']);
    expect(edit.tables?.map((table) => table.name)).toEqual(['t1']);
    expect(sent).toEqual([made.id]);
  });

  it('takes a column out of its indexes and keys', () => {
    const [first, second] = start();
    const id = first.columns[0]?.id ?? 0;
    expect(withoutColumn(first, id).indexes).toEqual([]);
    expect(withoutColumn(second, second.columns[0]?.id ?? 0).foreign_keys).toEqual([]);
  });

  it('puts columns into the primary key, which are then NOT NULL', () => {
    const [, second] = start();
    const id = second.columns[0]?.id ?? 0;
    const keyed = withKey(second, id, true);
    expect(isKey(keyed, id)).toBe(true);
    expect(keyed.columns[0]?.nullable).toBe(false);
    expect(withKey(keyed, id, false).indexes).toEqual([]);
  });

  it('moves an item and loses none', () => {
    expect(moved(['a', 'b', 'c'], 2, 0)).toEqual(['c', 'a', 'b']);
    expect(moved(['a', 'b', 'c'], 0, 9)).toEqual(['b', 'c', 'a']);
    expect(moved(['a'], 5, 0)).toEqual(['a']);
  });
});
