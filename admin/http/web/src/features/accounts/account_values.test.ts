import { expect, it } from 'vitest';
import type { Account } from '@/types/model';
import { accountBody, valuesOf } from './account_values';

const stored: Account = {
  id: 3,
  name: 'app',
  kind: 'human',
  user: 7,
  instances: [2, 1],
  databases: ['shop'],
  require_tls: true,
  may_replicate: false,
  may_break_glass: false,
  disabled: false,
  created_at: '2026-01-31T00:00:00Z',
};

it('keeps the password of an account that is there unless a new one is given', () => {
  const values = valuesOf(stored);
  expect(accountBody(values, true)).toEqual({
    name: 'app',
    kind: 'human',
    user: 7,
    instances: [2, 1],
    databases: ['shop'],
    require_tls: true,
    may_replicate: false,
    may_break_glass: false,
  });
  expect(accountBody({ ...values, password: 'new one' }, true)).toMatchObject({
    password: 'new one',
    plugin: 'caching_sha2_password',
  });
});

it('widens emptied lists to all, and leaves them out of a new account', () => {
  const emptied = { ...valuesOf(stored), instances: [], databases: [] };
  expect(accountBody(emptied, true)).toMatchObject({ instances: null, databases: null });
  const made = accountBody({ ...valuesOf(), name: 'app', password: 'long enough' }, false);
  expect(made).not.toHaveProperty('instances');
  expect(made).not.toHaveProperty('databases');
  expect(made).not.toHaveProperty('user');
  expect(made).toMatchObject({ password: 'long enough', kind: 'service' });
});
