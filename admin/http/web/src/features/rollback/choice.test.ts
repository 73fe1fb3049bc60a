import { describe, expect, it } from 'vitest';
import { choiceBody, localTime, missing, readChoice, writeChoice, type Choice } from './choice';

const choice: Choice = {
  instance: '3',
  who: 'account',
  account: ' app ',
  thread: '17',
  gtid: '',
  from: '2026-01-31T10:00:00',
  to: '',
  tables: ['shop.item', 'shop.note'],
};

describe('choice', () => {
  it('goes round through the address', () => {
    expect(readChoice(writeChoice(choice))).toEqual(choice);
  });

  it('knows from a link what it is about', () => {
    expect(readChoice(new URLSearchParams('instance=1&thread=9')).who).toBe('thread');
    expect(readChoice(new URLSearchParams('who=nonsense')).who).toBe('account');
  });

  it('sends the one way of naming that was chosen', () => {
    expect(choiceBody(choice)).toEqual({
      instance: 3,
      account: 'app',
      from: new Date('2026-01-31T10:00:00').toISOString(),
      tables: ['shop.item', 'shop.note'],
    });
    expect(choiceBody({ ...choice, who: 'thread', tables: [], from: '' })).toEqual({
      instance: 3,
      thread: 17,
    });
    expect(choiceBody({ ...choice, instance: 'main', who: 'anyone' })).not.toHaveProperty(
      'account',
    );
  });

  it.each([
    [{ instance: '' }, /instance/],
    [{ account: ' ' }, /account/],
    [{ who: 'thread', thread: '0' }, /whole number/],
    [{ who: 'thread', thread: '1.5' }, /whole number/],
    [{ who: 'gtid' }, /GTIDs/],
    [{ who: 'anyone', from: '' }, /from when/],
  ] as const)('%o is not enough', (part, said) => {
    expect(missing({ ...choice, ...part })).toMatch(said);
  });

  it('is enough with an account', () => expect(missing(choice)).toBeNull());

  it('shows a moment in the time zone of the browser', () => {
    expect(localTime(new Date(2026, 0, 31, 9, 5, 7))).toBe('2026-01-31T09:05:07');
  });
});
