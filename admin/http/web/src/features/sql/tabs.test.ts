import { describe, expect, it } from 'vitest';
import {
  activeTab,
  closed,
  firstTabs,
  issueTypeOf,
  opened,
  readTabs,
  remembered,
  tabName,
  withTab,
} from './tabs';

describe('tabs of the SQL editor', () => {
  it('survive a reload', () => {
    const tabs = withTab(opened(firstTabs), { text: 'SELECT 2', database: 7 });
    expect(readTabs(JSON.parse(JSON.stringify(tabs)))).toEqual(tabs);
    expect(activeTab(tabs).text).toBe('SELECT 2');
  });

  it('are new ones when what was kept is damaged', () => {
    for (const bad of [null, 1, 'x', {}, { list: 1 }, { list: [] }, { list: [{ id: 'a' }] }]) {
      expect(readTabs(bad)).toEqual(firstTabs);
    }
    expect(readTabs({ list: [{ id: 3, text: 'a', database: 'x' }], active: 9 })).toEqual({
      list: [{ id: 3, text: 'a', database: null }],
      active: 3,
    });
  });

  it('close to their neighbour, and the last one is emptied', () => {
    const three = opened(opened(firstTabs));
    expect(closed({ ...three, active: 2 }, 2)).toMatchObject({ active: 3 });
    expect(closed(three, 3)).toMatchObject({ active: 2 });
    expect(closed(three, 9)).toBe(three);
    expect(closed(withTab(firstTabs, { text: 'x' }), 1).list).toEqual(firstTabs.list);
  });

  it('are named after what is in them', () => {
    expect(tabName({ id: 4, text: '  ', database: null })).toBe('Query 4');
    expect(tabName({ id: 4, text: 'SELECT\n 1', database: null })).toBe('SELECT 1');
    expect(tabName({ id: 4, text: 'x'.repeat(40), database: null })).toHaveLength(24);
  });
});

it('history keeps a statement once, newest first, and no more than a hundred', () => {
  const ran = (text: string) => ({ at: '', database: 1, text, seconds: 0, outcome: '' });
  let history = remembered([], ran('a'));
  history = remembered(remembered(history, ran('b')), ran('a'));
  expect(history.map((one) => one.text)).toEqual(['a', 'b']);
  for (let i = 0; i < 200; ++i) history = remembered(history, ran(String(i)));
  expect(history).toHaveLength(100);
  expect(remembered(history, ran('x'.repeat(30_000)))).toHaveLength(100);
});

it('a refused change is offered as the issue that it would be', () => {
  const said = (group: string) =>
    `Read mode takes statements that read; this one is of the group ${group}. Make an issue of it.`;
  expect(issueTypeOf(said('ddl'))).toBe('schema.update');
  expect(issueTypeOf(said('dml'))).toBe('data.update');
  expect(issueTypeOf(said('account'))).toBeNull();
  expect(issueTypeOf('The server is away.')).toBeNull();
});
