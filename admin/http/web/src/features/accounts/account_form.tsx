import {
  MultiSelect,
  PasswordInput,
  SegmentedControl,
  Select,
  Stack,
  Switch,
  TagsInput,
  TextInput,
} from '@mantine/core';
import { FormButtons } from '@/components/ui/form_buttons';
import { Failed } from '@/components/ui/states';
import { api } from '@/lib/api';
import { useForm } from '@/lib/form';
import { useInstances, useUsers } from '@/lib/lists';
import type { Account } from '@/types/model';
import { accountBody, valuesOf } from './account_values';

const plugins = [
  { value: 'caching_sha2_password', label: 'caching_sha2_password' },
  {
    value: 'mysql_native_password',
    label: 'mysql_native_password, for clients that know no other',
  },
];

/** A MySQL login at the proxy: a new one, or one that is there. */
export function AccountForm({ account, onClose }: { account?: Account; onClose: () => void }) {
  const users = useUsers();
  const instances = useInstances();
  const form = useForm(
    valuesOf(account),
    (values) => {
      const body = accountBody(values, account !== undefined);
      return account
        ? api.patch<Account>(`/accounts/${account.id}`, body)
        : api.post<Account>('/accounts', body);
    },
    { stale: [['accounts']], onDone: onClose },
  );
  const { values } = form;
  return (
    <form onSubmit={form.submit}>
      <Stack>
        {form.problem ? <Failed error={form.problem} /> : null}
        <SegmentedControl
          aria-label="Kind"
          fullWidth
          value={values.kind}
          onChange={(kind) => form.set('kind', kind)}
          data={[
            { value: 'service', label: 'Service: an application' },
            { value: 'human', label: 'Human: a person' },
          ]}
        />
        <TextInput
          label="Name"
          description="What the client logs in as"
          required
          data-autofocus
          autoComplete="off"
          {...form.text('name')}
        />
        <PasswordInput
          label={account ? 'New password' : 'Password'}
          {...(account
            ? {
                description: 'Empty: the password stays. A new one is asked for at the next login.',
              }
            : { required: true })}
          autoComplete="new-password"
          {...form.text('password')}
        />
        <Select
          label="Authentication"
          description={
            account
              ? 'How the client proves a new password to the proxy.'
              : 'How the client proves the password to the proxy.'
          }
          allowDeselect={false}
          disabled={account !== undefined && values.password === ''}
          data={plugins}
          value={values.plugin}
          onChange={(plugin) => form.set('plugin', plugin ?? 'caching_sha2_password')}
          error={form.errorOf('plugin')}
        />
        {values.kind === 'human' ? (
          <Select
            label="Person"
            description="What the account changes is theirs."
            searchable
            data={(users.data ?? []).map((user) => ({
              value: String(user.id),
              label: `${user.name} (${user.email})`,
            }))}
            value={values.user}
            onChange={(user) => form.set('user', user)}
            error={form.errorOf('user')}
          />
        ) : null}
        <MultiSelect
          label="Instances"
          description="None chosen: all of them. The first is where a login without @instance goes."
          data={(instances.data ?? []).map((instance) => ({
            value: String(instance.id),
            label: instance.name,
          }))}
          value={values.instances}
          onChange={(list) => form.set('instances', list)}
          error={form.errorOf('instances')}
        />
        <TagsInput
          label="Databases"
          description="Names of the databases it may use. None given: all that the instance's user may."
          value={values.databases}
          onChange={(list) => form.set('databases', list)}
          error={form.errorOf('databases')}
        />
        <Switch
          label="May break the glass"
          description="CALL sluice.break_glass('why') lets the session's changes run at once; they are reviewed afterwards."
          checked={values.may_break_glass}
          onChange={(event) => form.set('may_break_glass', event.currentTarget.checked)}
        />
        <Switch
          label="May replicate"
          description="Reads the binary log, as a replica or a change data capture tool does."
          checked={values.may_replicate}
          onChange={(event) => form.set('may_replicate', event.currentTarget.checked)}
        />
        <Switch
          label="Only over TLS"
          checked={values.require_tls}
          onChange={(event) => form.set('require_tls', event.currentTarget.checked)}
        />
        <FormButtons label={account ? 'Save' : 'Create'} busy={form.busy} onClose={onClose} />
      </Stack>
    </form>
  );
}
