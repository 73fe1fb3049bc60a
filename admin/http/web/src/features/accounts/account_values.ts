// An account's form: its values, and the body that is sent for them.
import type { Account } from '@/types/model';

export interface AccountValues {
  name: string;
  password: string;
  kind: string;
  plugin: string;
  user: string | null;
  instances: string[];
  databases: string[];
  require_tls: boolean;
  may_replicate: boolean;
  may_break_glass: boolean;
}

export function valuesOf(account?: Account): AccountValues {
  return {
    name: account?.name ?? '',
    password: '',
    kind: account?.kind ?? 'service',
    plugin: 'caching_sha2_password',
    user: account?.user ? String(account.user) : null,
    instances: account?.instances?.map(String) ?? [],
    databases: account?.databases ?? [],
    require_tls: account?.require_tls ?? false,
    may_replicate: account?.may_replicate ?? false,
    may_break_glass: account?.may_break_glass ?? false,
  };
}

/** Of a stored account null widens a list to all, and a password that is not given stays. */
export function accountBody(values: AccountValues, stored: boolean): Record<string, unknown> {
  const { password, plugin, user, instances, databases, ...rest } = values;
  const body: Record<string, unknown> = { ...rest };
  if (!stored || password !== '') Object.assign(body, { password, plugin });
  if (values.kind === 'human' && user !== null) body['user'] = Number(user);
  if (instances.length > 0) body['instances'] = instances.map(Number);
  else if (stored) body['instances'] = null;
  if (databases.length > 0) body['databases'] = databases;
  else if (stored) body['databases'] = null;
  return body;
}
