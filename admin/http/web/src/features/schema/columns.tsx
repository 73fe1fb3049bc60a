import {
  ActionIcon,
  Autocomplete,
  Checkbox,
  Group,
  Table,
  TextInput,
  Tooltip,
} from '@mantine/core';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { timePrecision } from './data_types';
import { isKey, newColumn, withKey, withoutColumn, type ColumnDraft } from './draft';
import { AddButton, DropButton, withPart, type ListProps } from './parts';
import { ListTable } from '@/components/ui/list_table';
import { moved } from '@/lib/moved';

const heads = [
  'Column',
  { label: 'Type', width: 150 },
  { label: 'Null', width: 50 },
  { label: 'Key', width: 50 },
  { label: 'Auto', width: 60, tip: 'AUTO_INCREMENT' },
  { label: 'Default', width: 130 },
  'Comment',
  { label: 'Actions', width: 96, hidden: true },
];

/** The columns of a table, a row each. */
export function Columns({ table, types, errorOf, onChange }: ListProps & { types: string[] }) {
  const set = (id: number, part: Partial<ColumnDraft>) =>
    onChange({ ...table, columns: withPart(table.columns, id, part) });
  const row = (column: ColumnDraft, place: number) => {
    const named = column.name || `column ${place + 1}`;
    const at = `columns[${place}]`;
    const precision = timePrecision(column.type);
    return (
      <Table.Tr key={column.id}>
        <Table.Td>
          <TextInput
            size="xs"
            aria-label={`Name of ${named}`}
            value={column.name}
            error={errorOf(`${at}.name`) ?? errorOf(`${at}.was`)}
            onChange={(event) => set(column.id, { name: event.currentTarget.value })}
          />
        </Table.Td>
        <Table.Td>
          <Autocomplete
            size="xs"
            aria-label={`Type of ${named}`}
            placeholder="varchar(255)"
            classNames={{ input: 'mono' }}
            data={types}
            limit={12}
            value={column.type}
            error={errorOf(`${at}.type`)}
            onChange={(type) => set(column.id, { type })}
          />
        </Table.Td>
        <Table.Td>
          <Checkbox
            size="xs"
            aria-label={`${named} may be NULL`}
            checked={column.nullable}
            disabled={isKey(table, column.id)}
            onChange={(event) => set(column.id, { nullable: event.currentTarget.checked })}
          />
        </Table.Td>
        <Table.Td>
          <Checkbox
            size="xs"
            aria-label={`${named} is in the primary key`}
            checked={isKey(table, column.id)}
            onChange={(event) => onChange(withKey(table, column.id, event.currentTarget.checked))}
          />
        </Table.Td>
        <Table.Td>
          <Checkbox
            size="xs"
            aria-label={`${named} counts by itself (AUTO_INCREMENT)`}
            checked={column.auto_increment}
            disabled={column.generated !== null}
            onChange={(event) =>
              set(column.id, {
                auto_increment: event.currentTarget.checked,
                ...(event.currentTarget.checked ? { default: null } : {}),
              })
            }
          />
        </Table.Td>
        <Table.Td>
          {column.generated === null ? (
            <TextInput
              size="xs"
              aria-label={`Default of ${named}`}
              placeholder="none"
              classNames={{ input: 'mono' }}
              disabled={column.auto_increment}
              value={column.default ?? ''}
              error={errorOf(`${at}.default`)}
              onChange={(event) =>
                set(column.id, {
                  default: event.currentTarget.value === '' ? null : event.currentTarget.value,
                })
              }
            />
          ) : (
            <TextInput
              size="xs"
              readOnly
              variant="unstyled"
              aria-label={`${named} is generated`}
              classNames={{ input: 'mono' }}
              value={`AS (${column.generated})`}
            />
          )}
          {precision === null ? null : (
            <Checkbox
              mt={4}
              size="xs"
              label="ON UPDATE now"
              aria-label={`${named} is set when its row changes`}
              checked={column.on_update !== null}
              onChange={(event) =>
                set(column.id, { on_update: event.currentTarget.checked ? precision : null })
              }
            />
          )}
        </Table.Td>
        <Table.Td>
          <TextInput
            size="xs"
            aria-label={`Comment of ${named}`}
            value={column.comment}
            onChange={(event) => set(column.id, { comment: event.currentTarget.value })}
          />
        </Table.Td>
        <Table.Td>
          <Group gap={0} wrap="nowrap" justify="flex-end">
            <Tooltip label="Up">
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={`Move ${named} up`}
                disabled={place === 0}
                onClick={() =>
                  onChange({ ...table, columns: moved(table.columns, place, place - 1) })
                }
              >
                <IconArrowUp size={16} />
              </ActionIcon>
            </Tooltip>
            <Tooltip label="Down">
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={`Move ${named} down`}
                disabled={place === table.columns.length - 1}
                onClick={() =>
                  onChange({ ...table, columns: moved(table.columns, place, place + 1) })
                }
              >
                <IconArrowDown size={16} />
              </ActionIcon>
            </Tooltip>
            <DropButton named={named} onClick={() => onChange(withoutColumn(table, column.id))} />
          </Group>
        </Table.Td>
      </Table.Tr>
    );
  };
  return (
    <>
      <ListTable
        minWidth={700}
        columns={heads}
        verticalSpacing={4}
        horizontalSpacing="xs"
        withRowBorders={false}
        highlightOnHover={false}
      >
        {table.columns.map(row)}
      </ListTable>
      <AddButton
        what="column"
        onClick={() => onChange({ ...table, columns: [...table.columns, newColumn()] })}
      />
    </>
  );
}
