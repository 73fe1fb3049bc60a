// A row before and after a change, column by column. Pure.
export interface RowChange {
  before: Record<string, string | null> | null;
  after: Record<string, string | null> | null;
  now?: Record<string, string | null> | null;
}
export interface Difference {
  column: string;
  before: string | null;
  after: string | null;
  differs: boolean;
}

/**
 * Of an update the columns that differ, behind those that name the row (the first one), and those
 * that are another now; else all.
 */
export function differences({ before, after, now }: RowChange): Difference[] {
  const columns = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  const all = columns.map((column) => {
    const was = before?.[column] ?? null;
    const is = after?.[column] ?? null;
    return { column, before: was, after: is, differs: was !== is };
  });
  if (before === null || after === null) return all;
  const changed = (one: Difference) => now != null && (now[one.column] ?? null) !== one.after;
  return all.filter((one, place) => place === 0 || one.differs || changed(one));
}
