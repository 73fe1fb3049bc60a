// The schema editor's state: tables as they are edited, and what of them is sent to the server, which
// makes the DDL. Pure.
import type {
  DatabaseSchema,
  IndexKind,
  ReferentialAction,
  SchemaEdit,
  SchemaTable,
  TableEdit,
} from '@/types/model';

export interface ColumnDraft {
  id: number;
  /** The name on the server; empty: it is new. */
  was: string;
  name: string;
  type: string;
  nullable: boolean;
  /** SQL; null: no DEFAULT clause. */
  default: string | null;
  on_update: number | null;
  auto_increment: boolean;
  generated: string | null;
  comment: string;
}

export interface PartDraft {
  /** The column's id here, so that a rename carries the index along; null: an expression. */
  column: number | null;
  expression: string;
  prefix: number | null;
  descending: boolean;
}

export interface IndexDraft {
  id: number;
  was: string;
  name: string;
  kind: IndexKind;
  parts: PartDraft[];
}

export interface ForeignKeyDraft {
  id: number;
  was: string;
  name: string;
  columns: number[];
  schema: string;
  table: string;
  referenced: string[];
  on_delete: ReferentialAction;
  on_update: ReferentialAction;
}

export interface TableDraft {
  id: number;
  was: string;
  name: string;
  engine: string;
  comment: string;
  dropped: boolean;
  columns: ColumnDraft[];
  indexes: IndexDraft[];
  foreign_keys: ForeignKeyDraft[];
  /** What would be sent of it as it is on the server; empty: it is new. */
  origin: string;
}

let last = 0;
const next = () => ++last;

export function newColumn(name = '', type = ''): ColumnDraft {
  return {
    id: next(),
    was: '',
    name,
    type,
    nullable: true,
    default: null,
    on_update: null,
    auto_increment: false,
    generated: null,
    comment: '',
  };
}

export function newIndex(kind: IndexKind = 'key'): IndexDraft {
  return { id: next(), was: '', name: '', kind, parts: [] };
}

export function newForeignKey(): ForeignKeyDraft {
  return {
    id: next(),
    was: '',
    name: '',
    columns: [],
    schema: '',
    table: '',
    referenced: [],
    on_delete: '',
    on_update: '',
  };
}

/** A new table begins as most do: an id that counts by itself and is the key. */
export function newTable(name: string): TableDraft {
  const id = { ...newColumn('id', 'bigint unsigned'), nullable: false, auto_increment: true };
  const primary = newIndex('primary');
  primary.parts = [{ column: id.id, expression: '', prefix: null, descending: false }];
  return {
    id: next(),
    was: '',
    name,
    engine: '',
    comment: '',
    dropped: false,
    columns: [id],
    indexes: [primary],
    foreign_keys: [],
    origin: '',
  };
}

function draftOf(table: SchemaTable): TableDraft {
  const columns = table.columns.map((column) => ({ ...column, id: next(), was: column.name }));
  const idOf = (name: string) =>
    columns.find((column) => column.name.toLowerCase() === name.toLowerCase())?.id ?? 0;
  const draft: TableDraft = {
    id: next(),
    was: table.name,
    name: table.name,
    engine: table.engine,
    comment: table.comment,
    dropped: false,
    columns,
    indexes: table.indexes.map(({ name, kind, parts }) => ({
      id: next(),
      was: name,
      name,
      kind,
      parts: parts.map(({ column, ...part }) => ({
        ...part,
        column: column === '' ? null : idOf(column),
      })),
    })),
    foreign_keys: table.foreign_keys.map((key) => ({
      ...key,
      id: next(),
      was: key.name,
      columns: key.columns.map(idOf),
    })),
    origin: '',
  };
  return { ...draft, origin: JSON.stringify(editOf(draft)) };
}

export function draftsOf(schema: Pick<DatabaseSchema, 'tables'>): TableDraft[] {
  return schema.tables.map(draftOf);
}

export function editOf(table: TableDraft): TableEdit {
  const nameOf = (id: number) => table.columns.find((column) => column.id === id)?.name ?? '';
  return {
    was: table.was,
    name: table.name,
    engine: table.engine,
    comment: table.comment,
    columns: table.columns.map((column) => ({
      was: column.was,
      name: column.name,
      type: column.type,
      nullable: column.nullable,
      default: column.default,
      on_update: column.on_update,
      auto_increment: column.auto_increment,
      comment: column.comment,
    })),
    indexes: table.indexes.map(({ was, name, kind, parts }) => ({
      was,
      name,
      kind,
      parts: parts.map(({ column, ...part }) => ({
        ...part,
        column: column === null ? '' : nameOf(column),
      })),
    })),
    foreign_keys: table.foreign_keys.map((key) => ({
      was: key.was,
      name: key.name,
      columns: key.columns.map(nameOf),
      schema: key.schema,
      table: key.table,
      referenced: key.referenced,
      on_delete: key.on_delete,
      on_update: key.on_update,
    })),
  };
}

export type TableState = 'same' | 'new' | 'changed' | 'dropped';

export function stateOf(table: TableDraft): TableState {
  if (table.dropped) return 'dropped';
  if (table.was === '') return 'new';
  return JSON.stringify(editOf(table)) === table.origin ? 'same' : 'changed';
}

/** What is sent, with the draft of each table in it, so that a fault finds its field. */
export function toEdit(
  hash: string,
  tables: readonly TableDraft[],
): { edit: SchemaEdit; sent: number[]; empty: boolean } {
  const changed = tables.filter((table) => ['new', 'changed'].includes(stateOf(table)));
  const dropped = tables.filter((table) => table.dropped).map((table) => table.was);
  return {
    edit: { hash, tables: changed.map(editOf), dropped },
    sent: changed.map((table) => table.id),
    empty: changed.length === 0 && dropped.length === 0,
  };
}

/** Puts a changed table in its place; keys of other tables follow its new names. */
export function withTable(tables: readonly TableDraft[], changed: TableDraft): TableDraft[] {
  const before = tables.find((table) => table.id === changed.id);
  if (before === undefined) return [...tables, changed];
  const renamed = new Map<string, string>();
  for (const column of changed.columns) {
    const old = before.columns.find((one) => one.id === column.id);
    if (old && old.name !== column.name) renamed.set(old.name, column.name);
  }
  return tables.map((table) => {
    const own = table.id === changed.id ? changed : table;
    if (renamed.size === 0 && before.name === changed.name) return own;
    return {
      ...own,
      foreign_keys: own.foreign_keys.map((key) =>
        key.schema === '' && key.table === before.name
          ? {
              ...key,
              table: changed.name,
              referenced: key.referenced.map((name) => renamed.get(name) ?? name),
            }
          : key,
      ),
    };
  });
}

/** A table without that column: it leaves its indexes and keys too. */
export function withoutColumn(table: TableDraft, column: number): TableDraft {
  return {
    ...table,
    columns: table.columns.filter((one) => one.id !== column),
    indexes: table.indexes
      .map((index) => ({ ...index, parts: index.parts.filter((part) => part.column !== column) }))
      .filter((index) => index.parts.length > 0),
    foreign_keys: table.foreign_keys.filter((key) => !key.columns.includes(column)),
  };
}

export function isKey(table: TableDraft, column: number): boolean {
  return table.indexes.some(
    (index) => index.kind === 'primary' && index.parts.some((part) => part.column === column),
  );
}

/** Puts a column into the primary key, behind those that are in it, or takes it out. */
export function withKey(table: TableDraft, column: number, key: boolean): TableDraft {
  const primary = table.indexes.find((index) => index.kind === 'primary') ?? newIndex('primary');
  const others = primary.parts.filter((part) => part.column !== column);
  const parts = key
    ? [...others, { column, expression: '', prefix: null, descending: false }]
    : others;
  const rest = table.indexes.filter((index) => index.kind !== 'primary');
  return {
    ...table,
    indexes: parts.length === 0 ? rest : [{ ...primary, parts }, ...rest],
    columns: table.columns.map((one) =>
      one.id === column && key ? { ...one, nullable: false } : one,
    ),
  };
}
