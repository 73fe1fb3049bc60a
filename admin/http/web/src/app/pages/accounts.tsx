import {
  ActionIcon,
  Badge,
  Button,
  Code,
  CopyButton,
  Group,
  Modal,
  MultiSelect,
  PasswordInput,
  SegmentedControl,
  Select,
  Stack,
  Switch,
  Table,
  Text,
  TextInput,
  Tooltip,
} from '@mantine/core';
import { IconCheck, IconCopy, IconKey, IconPlus, IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Confirm } from '@/components/ui/confirm';
import { Load } from '@/components/ui/load';
import { Page } from '@/components/ui/page';
import { Empty, Failed } from '@/components/ui/states';
import { all, api } from '@/lib/api';
import { useAbout } from '@/lib/about';
import { mysqlAddress, mysqlCommand, type MysqlAddress } from '@/lib/command_line';
import { useForm } from '@/lib/form';
import { useInstances, useUsers } from '@/lib/lists';
import type { Account } from '@/types/model';

function NewAccount({ onClose }: { onClose: () => void }) {
  const users = useUsers();
  const instances = useInstances();
  const form = useForm(
    {
      name: '',
      password: '',
      kind: 'service',
      plugin: 'caching_sha2_password',
      user: null as string | null,
      instances: [] as string[],
      require_tls: false,
      may_break_glass: false,
    },
    (values) =>
      api.post<Account>('/accounts', {
        name: values.name,
        password: values.password,
        kind: values.kind,
        plugin: values.plugin,
        require_tls: values.require_tls,
        may_break_glass: values.may_break_glass,
        ...(values.kind === 'human' && values.user ? { user: Number(values.user) } : {}),
        ...(values.instances.length > 0 ? { instances: values.instances } : {}),
      }),
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
          label="Password"
          required
          autoComplete="new-password"
          {...form.text('password')}
        />
        <Select
          label="Authentication"
          description="How the client proves the password to the proxy."
          allowDeselect={false}
          data={[
            { value: 'caching_sha2_password', label: 'caching_sha2_password' },
            {
              value: 'mysql_native_password',
              label: 'mysql_native_password, for clients that know no other',
            },
          ]}
          value={values.plugin}
          onChange={(plugin) => form.set('plugin', plugin ?? 'caching_sha2_password')}
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
          data={(instances.data ?? []).map((instance) => instance.name)}
          value={values.instances}
          onChange={(list) => form.set('instances', list)}
          error={form.errorOf('instances')}
        />
        <Switch
          label="May break the glass"
          description="CALL sluice.break_glass('why') lets the session's changes run at once; they are reviewed afterwards."
          checked={values.may_break_glass}
          onChange={(event) => form.set('may_break_glass', event.currentTarget.checked)}
        />
        <Switch
          label="Only over TLS"
          checked={values.require_tls}
          onChange={(event) => form.set('require_tls', event.currentTarget.checked)}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={form.busy}>
            Create
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Command({ account, address }: { account: Account; address: MysqlAddress }) {
  const text = mysqlCommand(address.host, address.port, account.name);
  return (
    <Group gap={4} wrap="nowrap">
      <Code>{text}</Code>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Tooltip label={copied ? 'Copied' : 'Copy'}>
            <ActionIcon
              variant="subtle"
              aria-label={`Copy the command of ${account.name}`}
              onClick={copy}
            >
              {copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
    </Group>
  );
}

export function Accounts() {
  const client = useQueryClient();
  const query = useQuery({ queryKey: ['accounts'], queryFn: () => all<Account>('/accounts') });
  const instances = useInstances();
  const nameOf = new Map(instances.data?.map((one) => [one.id, one.name]));
  const about = useAbout();
  const address = mysqlAddress(about.data?.mysql_addresses ?? [], window.location.hostname);
  const [adding, setAdding] = useState(false);
  const [deleting, setDeleting] = useState<Account | null>(null);
  const refresh = () => client.invalidateQueries({ queryKey: ['accounts'] });
  const change = useMutation({
    mutationFn: ({ id, disabled }: { id: number; disabled: boolean }) =>
      api.patch(`/accounts/${id}`, { disabled }),
    onSuccess: refresh,
  });
  const remove = useMutation({
    mutationFn: (id: number) => api.delete(`/accounts/${id}`),
    onSuccess: () => {
      setDeleting(null);
      return refresh();
    },
  });
  const add = (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setAdding(true)}>
      Add account
    </Button>
  );
  return (
    <Page
      title="Accounts"
      lead="Logins that MySQL clients use at the proxy. The gate tells services from people, and names who changed what."
      actions={add}
    >
      {change.isError ? <Failed error={change.error} /> : null}
      <Load query={query}>
        {(accounts) =>
          accounts.length === 0 ? (
            <Empty icon={IconKey} title="No account yet" action={add}>
              Give each application and each person one of their own.
            </Empty>
          ) : (
            <Table.ScrollContainer minWidth={900}>
              <Table>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>Name</Table.Th>
                    <Table.Th>Kind</Table.Th>
                    <Table.Th>Instances</Table.Th>
                    <Table.Th>Command</Table.Th>
                    <Table.Th>May log in</Table.Th>
                    <Table.Th />
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {accounts.map((account) => (
                    <Table.Tr key={account.id}>
                      <Table.Td>
                        {account.name}
                        {account.may_break_glass ? (
                          <Text size="xs" c="dimmed">
                            may break the glass
                          </Text>
                        ) : null}
                        {account.require_tls ? (
                          <Text size="xs" c="dimmed">
                            only over TLS
                          </Text>
                        ) : null}
                      </Table.Td>
                      <Table.Td>
                        <Badge variant="light" color={account.kind === 'human' ? 'grape' : 'blue'}>
                          {account.kind}
                        </Badge>
                      </Table.Td>
                      <Table.Td>
                        {account.instances?.map((id) => nameOf.get(id) ?? id).join(', ') ?? 'all'}
                      </Table.Td>
                      <Table.Td>
                        {address ? <Command account={account} address={address} /> : '–'}
                      </Table.Td>
                      <Table.Td>
                        <Switch
                          aria-label={`${account.name} may log in`}
                          checked={!account.disabled}
                          onChange={(event) =>
                            change.mutate({
                              id: account.id,
                              disabled: !event.currentTarget.checked,
                            })
                          }
                        />
                      </Table.Td>
                      <Table.Td ta="right">
                        <ActionIcon
                          variant="subtle"
                          color="red"
                          aria-label={`Delete ${account.name}`}
                          onClick={() => setDeleting(account)}
                        >
                          <IconTrash size={18} />
                        </ActionIcon>
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
          )
        }
      </Load>
      <Modal opened={adding} onClose={() => setAdding(false)} title="Add account" centered>
        <NewAccount onClose={() => setAdding(false)} />
      </Modal>
      <Confirm
        opened={deleting !== null}
        title={`Delete ${deleting?.name ?? ''}?`}
        action="Delete"
        busy={remove.isPending}
        error={remove.error}
        onClose={() => setDeleting(null)}
        onConfirm={() => deleting && remove.mutate(deleting.id)}
      >
        Its sessions end at once. What it changed stays in the history.
      </Confirm>
    </Page>
  );
}
