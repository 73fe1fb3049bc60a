import {
  ActionIcon,
  Checkbox,
  Group,
  NumberInput,
  Select,
  Stack,
  Table,
  Text,
  TextInput,
  Tooltip,
} from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { ListTable } from '@/components/ui/list_table';
import type { IndexKind } from '@/types/model';
import { newIndex, type IndexDraft, type PartDraft, type TableDraft } from './draft';
import { AddButton, DropButton, withPart, type ListProps } from './parts';

const kinds: { value: IndexKind; label: string }[] = [
  { value: 'primary', label: 'primary key' },
  { value: 'unique', label: 'unique' },
  { value: 'key', label: 'index' },
  { value: 'fulltext', label: 'full text' },
  { value: 'spatial', label: 'spatial' },
  { value: 'vector', label: 'vector' },
];

const heads = [
  { label: 'Name', width: 200 },
  { label: 'Kind', width: 140 },
  'Columns, length, order',
  { label: 'Actions', width: 40, hidden: true },
];

function Parts({
  table,
  index,
  onChange,
}: {
  table: TableDraft;
  index: IndexDraft;
  onChange: (parts: PartDraft[]) => void;
}) {
  const named = index.name || 'the index';
  const free = table.columns.filter((one) => !index.parts.some((part) => part.column === one.id));
  const set = (place: number, change: Partial<PartDraft>) =>
    onChange(index.parts.map((part, at) => (at === place ? { ...part, ...change } : part)));
  return (
    <Stack gap={4}>
      {index.parts.map((part, place) => {
        const name =
          part.column === null
            ? `(${part.expression})`
            : (table.columns.find((one) => one.id === part.column)?.name ?? '');
        return (
          <Group key={place} gap="xs" wrap="nowrap">
            <Text size="sm" className="mono" flex={1} truncate>
              {name}
            </Text>
            {part.column === null ? null : (
              <NumberInput
                size="xs"
                w={90}
                min={1}
                max={3072}
                placeholder="whole"
                aria-label={`Prefix length of ${name} in ${named}`}
                value={part.prefix ?? ''}
                onChange={(value) => set(place, { prefix: value === '' ? null : Number(value) })}
              />
            )}
            <Checkbox
              size="xs"
              label="DESC"
              aria-label={`${name} is descending in ${named}`}
              checked={part.descending}
              onChange={(event) => set(place, { descending: event.currentTarget.checked })}
            />
            <Tooltip label="Take out">
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={`Take ${name} out of ${named}`}
                onClick={() => onChange(index.parts.filter((_, at) => at !== place))}
              >
                <IconX size={14} />
              </ActionIcon>
            </Tooltip>
          </Group>
        );
      })}
      <Select
        size="xs"
        aria-label={`Add a column to ${named}`}
        placeholder="Add a column"
        searchable
        value={null}
        data={free.map((one) => ({ value: String(one.id), label: one.name || '(no name)' }))}
        onChange={(id) => {
          if (id === null) return;
          onChange([
            ...index.parts,
            { column: Number(id), expression: '', prefix: null, descending: false },
          ]);
        }}
      />
    </Stack>
  );
}

export function Indexes({ table, errorOf, onChange }: ListProps) {
  const set = (id: number, part: Partial<IndexDraft>) =>
    onChange({ ...table, indexes: withPart(table.indexes, id, part) });
  return (
    <>
      {table.indexes.length === 0 ? (
        <Text size="sm" c="dimmed">
          No index yet. A table without a primary key cannot be replicated row by row.
        </Text>
      ) : (
        <ListTable minWidth={640} columns={heads} verticalSpacing={6} highlightOnHover={false}>
          {table.indexes.map((index, place) => {
            const at = `indexes[${place}]`;
            const named = index.name || `index ${place + 1}`;
            return (
              <Table.Tr key={index.id} style={{ verticalAlign: 'top' }}>
                <Table.Td>
                  <TextInput
                    size="xs"
                    aria-label={`Name of ${named}`}
                    placeholder="the server gives one"
                    disabled={index.kind === 'primary'}
                    value={index.kind === 'primary' ? 'PRIMARY' : index.name}
                    error={errorOf(`${at}.name`) ?? errorOf(`${at}.was`)}
                    onChange={(event) => set(index.id, { name: event.currentTarget.value })}
                  />
                </Table.Td>
                <Table.Td>
                  <Select
                    size="xs"
                    aria-label={`Kind of ${named}`}
                    allowDeselect={false}
                    data={kinds}
                    value={index.kind}
                    error={errorOf(`${at}.kind`)}
                    onChange={(kind) => set(index.id, { kind: kind as IndexKind })}
                  />
                </Table.Td>
                <Table.Td className="whole">
                  <Parts
                    table={table}
                    index={index}
                    onChange={(parts) => set(index.id, { parts })}
                  />
                  <Text size="xs" c="red">
                    {errorOf(`${at}.parts`)}
                  </Text>
                </Table.Td>
                <Table.Td>
                  <DropButton
                    named={named}
                    onClick={() =>
                      onChange({
                        ...table,
                        indexes: table.indexes.filter((one) => one.id !== index.id),
                      })
                    }
                  />
                </Table.Td>
              </Table.Tr>
            );
          })}
        </ListTable>
      )}
      <AddButton
        what="index"
        onClick={() => onChange({ ...table, indexes: [...table.indexes, newIndex()] })}
      />
    </>
  );
}
