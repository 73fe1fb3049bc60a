import {
  Autocomplete,
  Card,
  Group,
  MultiSelect,
  Select,
  SimpleGrid,
  Stack,
  TagsInput,
  Text,
  TextInput,
} from '@mantine/core';
import type { ReferentialAction } from '@/types/model';
import { newForeignKey, type ForeignKeyDraft, type TableDraft } from './draft';
import { AddButton, DropButton, withPart, type ListProps } from './parts';

const actions: { value: ReferentialAction; label: string }[] = [
  { value: '', label: 'RESTRICT, the default' },
  { value: 'CASCADE', label: 'CASCADE' },
  { value: 'SET NULL', label: 'SET NULL' },
  { value: 'NO ACTION', label: 'NO ACTION' },
  { value: 'RESTRICT', label: 'RESTRICT' },
  { value: 'SET DEFAULT', label: 'SET DEFAULT' },
];

export function ForeignKeys({
  table,
  tables,
  errorOf,
  onChange,
}: ListProps & { tables: readonly TableDraft[] }) {
  const set = (id: number, part: Partial<ForeignKeyDraft>) =>
    onChange({ ...table, foreign_keys: withPart(table.foreign_keys, id, part) });
  const others = tables.filter((one) => !one.dropped && one.name !== '');
  const card = (key: ForeignKeyDraft, place: number) => {
    const at = `foreign_keys[${place}]`;
    const parent = others.find((one) => one.name === key.table);
    return (
      <Card key={key.id} withBorder padding="sm">
        <Group align="start" wrap="nowrap">
          <SimpleGrid cols={{ base: 1, sm: 3 }} flex={1} verticalSpacing="xs">
            <TextInput
              size="xs"
              label="Name"
              placeholder="the server gives one"
              value={key.name}
              error={errorOf(`${at}.name`)}
              onChange={(event) => set(key.id, { name: event.currentTarget.value })}
            />
            <MultiSelect
              size="xs"
              label="Columns"
              searchable
              data={table.columns.map((one) => ({
                value: String(one.id),
                label: one.name || '(no name)',
              }))}
              value={key.columns.map(String)}
              error={errorOf(`${at}.columns`)}
              onChange={(ids) => set(key.id, { columns: ids.map(Number) })}
            />
            <Autocomplete
              size="xs"
              label="Refers to table"
              data={[...new Set(others.map((one) => one.name))]}
              value={key.table}
              error={errorOf(`${at}.table`)}
              {...(key.schema ? { description: `of ${key.schema}` } : {})}
              onChange={(name) => set(key.id, { table: name })}
            />
            <TagsInput
              size="xs"
              label="Its columns"
              data={parent?.columns.map((one) => one.name).filter(Boolean) ?? []}
              value={key.referenced}
              error={errorOf(`${at}.referenced`)}
              onChange={(referenced) => set(key.id, { referenced })}
            />
            <Select
              size="xs"
              label="ON DELETE"
              allowDeselect={false}
              data={actions}
              value={key.on_delete}
              onChange={(action) => set(key.id, { on_delete: action as ReferentialAction })}
            />
            <Select
              size="xs"
              label="ON UPDATE"
              allowDeselect={false}
              data={actions}
              value={key.on_update}
              onChange={(action) => set(key.id, { on_update: action as ReferentialAction })}
            />
          </SimpleGrid>
          <DropButton
            named={`foreign key ${key.name || String(place + 1)}`}
            onClick={() =>
              onChange({
                ...table,
                foreign_keys: table.foreign_keys.filter((one) => one.id !== key.id),
              })
            }
          />
        </Group>
      </Card>
    );
  };
  return (
    <Stack gap="xs">
      {table.foreign_keys.length === 0 ? (
        <Text size="sm" c="dimmed">
          No foreign key.
        </Text>
      ) : (
        table.foreign_keys.map(card)
      )}
      <AddButton
        what="foreign key"
        onClick={() =>
          onChange({ ...table, foreign_keys: [...table.foreign_keys, newForeignKey()] })
        }
      />
    </Stack>
  );
}
