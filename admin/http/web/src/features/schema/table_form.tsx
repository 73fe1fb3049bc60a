import { Alert, Button, Card, Group, Stack, Tabs, Text, TextInput } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { Columns } from './columns';
import type { TableDraft } from './draft';
import { ForeignKeys } from './foreign_keys';
import { Indexes } from './indexes';

/** One table as a form. */
export function TableForm({
  table,
  tables,
  types,
  errorOf,
  onChange,
  onDrop,
}: {
  table: TableDraft;
  tables: readonly TableDraft[];
  types: string[];
  errorOf: (path: string) => string | undefined;
  onChange: (table: TableDraft) => void;
  onDrop: () => void;
}) {
  if (table.dropped) {
    return (
      <Alert color="red" variant="light" title={`${table.name} will be dropped with its rows`}>
        <Button size="xs" variant="default" onClick={() => onChange({ ...table, dropped: false })}>
          Keep the table
        </Button>
      </Alert>
    );
  }
  return (
    <Card withBorder>
      <Stack gap="sm">
        <Group align="start">
          <TextInput
            label="Table name"
            required
            value={table.name}
            error={errorOf('name') ?? errorOf('was')}
            onChange={(event) => onChange({ ...table, name: event.currentTarget.value })}
          />
          <TextInput
            label="Comment"
            flex={1}
            value={table.comment}
            error={errorOf('comment')}
            onChange={(event) => onChange({ ...table, comment: event.currentTarget.value })}
          />
          <TextInput
            label="Engine"
            w={130}
            placeholder="the default"
            value={table.engine}
            error={errorOf('engine')}
            onChange={(event) => onChange({ ...table, engine: event.currentTarget.value })}
          />
          <Button mt={25} variant="default" leftSection={<IconTrash size={16} />} onClick={onDrop}>
            {table.was === '' ? 'Discard' : 'Drop table'}
          </Button>
        </Group>
        {errorOf('columns') ? (
          <Text size="sm" c="red">
            {errorOf('columns')}
          </Text>
        ) : null}
        <Tabs defaultValue="columns" keepMounted={false}>
          <Tabs.List>
            <Tabs.Tab value="columns">Columns ({table.columns.length})</Tabs.Tab>
            <Tabs.Tab value="indexes">Indexes ({table.indexes.length})</Tabs.Tab>
            <Tabs.Tab value="keys">Foreign keys ({table.foreign_keys.length})</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="columns" pt="sm">
            <Columns table={table} types={types} errorOf={errorOf} onChange={onChange} />
          </Tabs.Panel>
          <Tabs.Panel value="indexes" pt="sm">
            <Indexes table={table} errorOf={errorOf} onChange={onChange} />
          </Tabs.Panel>
          <Tabs.Panel value="keys" pt="sm">
            <ForeignKeys table={table} tables={tables} errorOf={errorOf} onChange={onChange} />
          </Tabs.Panel>
        </Tabs>
      </Stack>
    </Card>
  );
}
