import {
  ActionIcon,
  Alert,
  Button,
  Card,
  Code,
  CopyButton,
  Group,
  PasswordInput,
  Select,
  SimpleGrid,
  Stack,
  Table,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Ago } from '@/components/ui/ago';
import { Load } from '@/components/ui/load';
import { Page } from '@/components/ui/page';
import { Failed } from '@/components/ui/states';
import { all, api } from '@/lib/api';
import { useForm } from '@/lib/form';
import { useMe } from '@/lib/session';
import { exact } from '@/lib/time';
import type { Token, User } from '@/types/model';

function Password() {
  const empty = { current_password: '', password: '' };
  const form = useForm(empty, (values) => api.patch<User>('/me', values), {
    onDone: () => {
      form.reset(empty);
      notifications.show({ message: 'The password is changed.' });
    },
  });
  return (
    <Card withBorder>
      <Title order={2} size="h4" mb="sm">
        Password
      </Title>
      <form onSubmit={form.submit}>
        <Stack>
          {form.problem ? <Failed error={form.problem} /> : null}
          <PasswordInput
            label="Current password"
            required
            autoComplete="current-password"
            {...form.text('current_password')}
          />
          <PasswordInput
            label="New password"
            required
            autoComplete="new-password"
            {...form.text('password')}
          />
          <Group>
            <Button type="submit" loading={form.busy}>
              Change it
            </Button>
          </Group>
        </Stack>
      </form>
    </Card>
  );
}

function Name() {
  const me = useMe();
  const form = useForm({ name: me.name }, (values) => api.patch<User>('/me', values), {
    stale: [['me'], ['users']],
    onDone: () => notifications.show({ message: 'Saved.' }),
  });
  return (
    <Card withBorder>
      <Title order={2} size="h4" mb="sm">
        Name
      </Title>
      <form onSubmit={form.submit}>
        <Stack>
          {form.problem ? <Failed error={form.problem} /> : null}
          <TextInput label="Name" required autoComplete="name" {...form.text('name')} />
          <Group>
            <Button type="submit" loading={form.busy}>
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Card>
  );
}

/** Days until a token ends; it is renewed by making another. */
const lives = [
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: 'a year' },
  { value: '3650', label: 'ten years' },
];

function Tokens() {
  const client = useQueryClient();
  const query = useQuery({ queryKey: ['tokens'], queryFn: () => all<Token>('/tokens') });
  const form = useForm(
    { name: '', days: '365' },
    ({ name, days }) =>
      api.post<Token>('/tokens', {
        name,
        expires_at: new Date(Date.now() + Number(days) * 86_400_000).toISOString(),
      }),
    { stale: [['tokens']] },
  );
  const remove = useMutation({
    mutationFn: (id: number) => api.delete(`/tokens/${id}`),
    onSuccess: () => client.invalidateQueries({ queryKey: ['tokens'] }),
  });
  const made = form.result?.token;
  return (
    <Card withBorder>
      <Title order={2} size="h4" mb="sm">
        API tokens
      </Title>
      <Stack>
        <form onSubmit={form.submit}>
          <Group align="end">
            <TextInput label="Name" placeholder="deploy pipeline" required {...form.text('name')} />
            <Select
              label="Ends after"
              w={130}
              allowDeselect={false}
              data={lives}
              value={form.values.days}
              onChange={(days) => form.set('days', days ?? '365')}
              error={form.errorOf('expires_at')}
            />
            <Button type="submit" loading={form.busy}>
              Create token
            </Button>
          </Group>
        </form>
        {form.problem ? <Failed error={form.problem} /> : null}
        {made ? (
          <Alert
            color="teal"
            variant="light"
            title="Copy it now: it is not shown again"
            role="status"
          >
            <Group wrap="nowrap">
              <Code className="prewrap">{made}</Code>
              <CopyButton value={made}>
                {({ copied, copy }) => (
                  <Button size="xs" variant="default" onClick={copy}>
                    {copied ? 'Copied' : 'Copy'}
                  </Button>
                )}
              </CopyButton>
            </Group>
          </Alert>
        ) : null}
        {remove.isError ? <Failed error={remove.error} /> : null}
        <Load query={query} rows={2}>
          {(tokens) =>
            tokens.length === 0 ? (
              <Text size="sm" c="dimmed">
                No token yet. A program sends one as Authorization: Bearer.
              </Text>
            ) : (
              <Table>
                <Table.Tbody>
                  {tokens.map((token) => (
                    <Table.Tr key={token.id}>
                      <Table.Td>{token.name}</Table.Td>
                      <Table.Td>
                        made <Ago time={token.created_at} />
                      </Table.Td>
                      <Table.Td>ends {exact(token.expires_at).slice(0, 10)}</Table.Td>
                      <Table.Td ta="right">
                        <ActionIcon
                          variant="subtle"
                          color="red"
                          aria-label={`Delete token ${token.name}`}
                          onClick={() => remove.mutate(token.id)}
                        >
                          <IconTrash size={18} />
                        </ActionIcon>
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            )
          }
        </Load>
      </Stack>
    </Card>
  );
}

export function Profile() {
  const me = useMe();
  return (
    <Page title="Profile" lead={`${me.name}, ${me.email}, ${me.role} of this workspace`}>
      <SimpleGrid cols={{ base: 1, md: 2 }} style={{ alignItems: 'start' }}>
        <Stack>
          <Name />
          <Password />
        </Stack>
        <Tokens />
      </SimpleGrid>
    </Page>
  );
}
