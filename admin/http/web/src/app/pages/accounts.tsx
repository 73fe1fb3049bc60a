import {
  ActionIcon,
  Badge,
  Button,
  Code,
  CopyButton,
  Group,
  Modal,
  Switch,
  Table,
  Text,
  Tooltip,
} from '@mantine/core';
import { IconCheck, IconCopy, IconKey, IconPencil, IconPlus, IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Confirm } from '@/components/ui/confirm';
import { Load } from '@/components/ui/load';
import { Page } from '@/components/ui/page';
import { Empty, Failed } from '@/components/ui/states';
import { AccountForm } from '@/features/accounts/account_form';
import { all, api } from '@/lib/api';
import { useAbout } from '@/lib/about';
import { mysqlAddress, mysqlCommand, type MysqlAddress } from '@/lib/command_line';
import { useInstances } from '@/lib/lists';
import type { Account } from '@/types/model';
import { ListTable } from '@/components/ui/list_table';

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
  const [editing, setEditing] = useState<Account | null>(null);
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
            <ListTable
              minWidth={900}
              columns={[
                'Name',
                'Kind',
                'Instances',
                'Command',
                'May log in',
                { label: 'Actions', hidden: true },
              ]}
            >
              {accounts.map((account) => (
                <Table.Tr key={account.id}>
                  <Table.Td>
                    {account.name}
                    {account.may_break_glass ? (
                      <Text size="xs" c="dimmed">
                        may break the glass
                      </Text>
                    ) : null}
                    {account.may_replicate ? (
                      <Text size="xs" c="dimmed">
                        may replicate
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
                    {account.databases ? (
                      <Text size="xs" c="dimmed">
                        only {account.databases.join(', ')}
                      </Text>
                    ) : null}
                  </Table.Td>
                  <Table.Td className="whole">
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
                  <Table.Td ta="right" style={{ whiteSpace: 'nowrap' }}>
                    <ActionIcon
                      variant="subtle"
                      aria-label={`Edit ${account.name}`}
                      onClick={() => setEditing(account)}
                    >
                      <IconPencil size={18} />
                    </ActionIcon>
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
            </ListTable>
          )
        }
      </Load>
      <Modal opened={adding} onClose={() => setAdding(false)} title="Add account" centered>
        <AccountForm onClose={() => setAdding(false)} />
      </Modal>
      <Modal
        opened={editing !== null}
        onClose={() => setEditing(null)}
        title={`Edit ${editing?.name ?? ''}`}
        centered
      >
        {editing ? <AccountForm account={editing} onClose={() => setEditing(null)} /> : null}
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
