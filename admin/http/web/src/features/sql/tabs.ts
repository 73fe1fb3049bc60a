// The SQL editor's tabs and history, as they are kept in the browser. Pure.

export interface SqlTab {
  id: number;
  text: string;
  database: number | null;
}
export interface Tabs {
  list: SqlTab[];
  active: number;
}

export const firstTabs: Tabs = { list: [{ id: 1, text: '', database: null }], active: 1 };

/** What was kept, if it still is what it should be; a browser's storage is anybody's. */
export function readTabs(kept: unknown): Tabs {
  if (typeof kept !== 'object' || kept === null || !('list' in kept)) return firstTabs;
  const { list, active } = kept as { list: unknown; active?: unknown };
  if (!Array.isArray(list)) return firstTabs;
  const tabs: SqlTab[] = [];
  for (const one of list as unknown[]) {
    if (typeof one !== 'object' || one === null) continue;
    const { id, text, database } = one as Record<string, unknown>;
    if (typeof id !== 'number' || typeof text !== 'string') continue;
    if (tabs.some((tab) => tab.id === id)) continue;
    tabs.push({ id, text, database: typeof database === 'number' ? database : null });
  }
  const [first] = tabs;
  if (!first) return firstTabs;
  return { list: tabs, active: tabs.find((tab) => tab.id === active)?.id ?? first.id };
}

export function activeTab(tabs: Tabs): SqlTab {
  const [first = { id: 1, text: '', database: null }] = tabs.list;
  return tabs.list.find((tab) => tab.id === tabs.active) ?? first;
}

export function withTab(tabs: Tabs, change: Partial<Omit<SqlTab, 'id'>>): Tabs {
  return {
    ...tabs,
    list: tabs.list.map((tab) => (tab.id === tabs.active ? { ...tab, ...change } : tab)),
  };
}

export function opened(tabs: Tabs, text = '', database: number | null = null): Tabs {
  const id = Math.max(0, ...tabs.list.map((tab) => tab.id)) + 1;
  return { list: [...tabs.list, { id, text, database }], active: id };
}

/** The last one is emptied instead of closed. */
export function closed(tabs: Tabs, id: number): Tabs {
  const place = tabs.list.findIndex((tab) => tab.id === id);
  if (place < 0) return tabs;
  if (tabs.list.length === 1) return withTab({ ...tabs, active: id }, { text: '' });
  const list = tabs.list.filter((tab) => tab.id !== id);
  const next = list[Math.min(place, list.length - 1)];
  return { list, active: tabs.active === id ? (next?.id ?? 1) : tabs.active };
}

/** A tab's name: the beginning of its text. */
export function tabName(tab: SqlTab): string {
  const line = tab.text.trim().split(/\s+/).join(' ');
  return line === '' ? `Query ${tab.id}` : line.length > 24 ? `${line.slice(0, 23)}…` : line;
}

export interface Ran {
  at: string;
  database: number;
  text: string;
  seconds: number;
  outcome: string;
}
const kKept = 100;
const kLongest = 20_000;

/** Newest first; a statement that was run again moves to the front. */
export function remembered(history: readonly Ran[], ran: Ran): Ran[] {
  if (ran.text.length > kLongest) return [...history];
  return [
    ran,
    ...history.filter((one) => one.text !== ran.text || one.database !== ran.database),
  ].slice(0, kKept);
}

/** The kind of issue that a refused statement would be; null: none. */
export function issueTypeOf(refusal: string): 'schema.update' | 'data.update' | null {
  const group = /is of the group (\w+)/.exec(refusal)?.[1];
  if (group === 'ddl') return 'schema.update';
  if (group === 'dml') return 'data.update';
  return null;
}
