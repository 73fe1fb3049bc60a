import { Badge, Code, Group, Stack, Table, Text, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useSearchParams } from 'react-router-dom';
import { Load } from '@/components/ui/load';
import { useAbout } from '@/lib/about';
import { ListTable } from '@/components/ui/list_table';

/** What this program was started with: read here, changed where it comes from. */
export function Configuration() {
  const query = useAbout();
  const [params, setParams] = useSearchParams();
  const wanted = (params.get('q') ?? '').toLowerCase();
  const find = (text: string) => {
    const next = new URLSearchParams(params);
    if (text) next.set('q', text);
    else next.delete('q');
    setParams(next, { replace: true });
  };
  return (
    <Stack>
      <Group justify="space-between" align="end">
        <Text size="sm" c="dimmed" maw={720}>
          Read-only: these are changed in sluice.toml, by their variable of the environment or on
          the command line. Those marked SIGHUP are read again at that signal, the others at a
          restart.
        </Text>
        <TextInput
          aria-label="Find a setting"
          placeholder="Find a setting"
          leftSection={<IconSearch size={16} />}
          value={params.get('q') ?? ''}
          onChange={(event) => find(event.currentTarget.value)}
        />
      </Group>
      <Load query={query}>
        {({ settings }) => (
          <ListTable minWidth={720} verticalSpacing="xs" columns={['Setting', 'Value', 'Takes']}>
            {settings
              .filter((one) => `${one.key} ${one.what}`.toLowerCase().includes(wanted))
              .map((one) => (
                <Table.Tr key={one.key} style={{ verticalAlign: 'top' }}>
                  <Table.Td>
                    <Group gap="xs">
                      <Text className="mono" fw={600}>
                        {one.key}
                      </Text>
                      {one.reload ? (
                        <Badge size="xs" variant="light">
                          SIGHUP
                        </Badge>
                      ) : null}
                    </Group>
                    <Text size="xs" c="dimmed">
                      {one.what}
                    </Text>
                  </Table.Td>
                  <Table.Td>
                    {one.value === null ? (
                      <Text size="sm" c="dimmed">
                        a secret
                      </Text>
                    ) : (
                      <Stack gap={2} align="start">
                        <Code>{one.value === '' ? '(empty)' : one.value}</Code>
                        {one.value === one.default ? null : (
                          <Text size="xs" c="dimmed">
                            default {one.default === '' ? '(empty)' : one.default}
                          </Text>
                        )}
                      </Stack>
                    )}
                  </Table.Td>
                  <Table.Td className="whole">
                    <Text size="sm">{one.takes}</Text>
                    <Text size="xs" c="dimmed" className="mono">
                      {one.variable}
                    </Text>
                  </Table.Td>
                </Table.Tr>
              ))}
          </ListTable>
        )}
      </Load>
    </Stack>
  );
}
