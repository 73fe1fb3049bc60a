// What is to be undone, as the page's address has it and as the API takes it. Pure.
import type { RowChoice } from '@/types/model';

export type Who = 'account' | 'thread' | 'gtid' | 'anyone';

export interface Choice {
  instance: string;
  who: Who;
  account: string;
  thread: string;
  gtid: string;
  /** As an input of type datetime-local has it, in the browser's time zone; empty: open. */
  from: string;
  to: string;
  tables: string[];
}

const whos: readonly Who[] = ['account', 'thread', 'gtid', 'anyone'];

export function readChoice(params: URLSearchParams): Choice {
  const get = (name: string) => params.get(name) ?? '';
  const named = whos.find((one) => one !== 'anyone' && get(one) !== '');
  return {
    instance: get('instance'),
    who: whos.find((one) => one === get('who')) ?? named ?? 'account',
    account: get('account'),
    thread: get('thread'),
    gtid: get('gtid'),
    from: get('from'),
    to: get('to'),
    tables: params.getAll('table'),
  };
}

export function writeChoice(choice: Choice): URLSearchParams {
  const params = new URLSearchParams();
  const { tables, ...rest } = choice;
  for (const [name, value] of Object.entries(rest)) if (value !== '') params.set(name, value);
  for (const table of tables) params.append('table', table);
  return params;
}

const time = (local: string) => (local === '' ? {} : { at: new Date(local).toISOString() });

/** Only what was chosen: of account, connection and GTIDs the one that `who` names. */
export function choiceBody(choice: Choice): RowChoice {
  const { who, instance, account, thread, gtid, tables } = choice;
  const from = time(choice.from).at;
  const to = time(choice.to).at;
  return {
    instance: /^\d+$/.test(instance) ? Number(instance) : instance,
    ...(who === 'account' ? { account: account.trim() } : {}),
    ...(who === 'thread' ? { thread: Number(thread) } : {}),
    ...(who === 'gtid' ? { gtid: gtid.trim() } : {}),
    ...(from ? { from } : {}),
    ...(to ? { to } : {}),
    ...(tables.length > 0 ? { tables } : {}),
  };
}

/** What still has to be said before anything can be looked for; nothing when that is all. */
export function missing(choice: Choice): string | null {
  if (choice.instance === '') return 'Choose the instance.';
  if (choice.who === 'account' && choice.account.trim() === '') return 'Name the account.';
  if (choice.who === 'thread' && !/^[1-9]\d*$/.test(choice.thread)) {
    return 'Give the connection id, a whole number.';
  }
  if (choice.who === 'gtid' && choice.gtid.trim() === '') return 'Give the GTIDs.';
  if (choice.who === 'anyone' && choice.from === '') {
    return 'Say from when: without it every change that the binary log has would be undone.';
  }
  return null;
}

/** A moment as a datetime-local input shows it, to the second. */
export function localTime(time: Date): string {
  const two = (number: number) => String(number).padStart(2, '0');
  return (
    `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}` +
    `T${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`
  );
}
