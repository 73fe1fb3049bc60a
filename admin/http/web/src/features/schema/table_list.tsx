import { Badge, Button, Group, NavLink, ScrollArea, Stack, TextInput } from '@mantine/core';
import { IconPlus, IconSearch, IconTable } from '@tabler/icons-react';
import { useState } from 'react';
import { stateOf, type TableDraft, type TableState } from './draft';

const colors: Record<TableState, string> = {
  same: 'gray',
  new: 'teal',
  changed: 'blue',
  dropped: 'red',
};

/** The tables of the draft, with what has become of each. */
export function TableList({
  tables,
  chosen,
  onChoose,
  onAdd,
}: {
  tables: readonly TableDraft[];
  chosen: number | null;
  onChoose: (id: number) => void;
  onAdd: () => void;
}) {
  const [wanted, setWanted] = useState('');
  const shown = tables.filter((table) => table.name.toLowerCase().includes(wanted.toLowerCase()));
  return (
    <Stack gap="xs">
      <Button variant="light" leftSection={<IconPlus size={16} />} onClick={onAdd}>
        New table
      </Button>
      {tables.length > 8 ? (
        <TextInput
          size="xs"
          aria-label="Find a table"
          placeholder="Find a table"
          leftSection={<IconSearch size={14} />}
          value={wanted}
          onChange={(event) => setWanted(event.currentTarget.value)}
        />
      ) : null}
      <ScrollArea.Autosize mah="60vh" type="auto">
        {shown.slice(0, 500).map((table) => {
          const state = stateOf(table);
          return (
            <NavLink
              key={table.id}
              component="button"
              active={table.id === chosen}
              label={
                <Group gap={6} wrap="nowrap" justify="space-between">
                  <span style={table.dropped ? { textDecoration: 'line-through' } : {}}>
                    {table.name || '(no name)'}
                  </span>
                  {state === 'same' ? null : (
                    <Badge size="xs" variant="light" color={colors[state]}>
                      {state}
                    </Badge>
                  )}
                </Group>
              }
              leftSection={<IconTable size={16} />}
              onClick={() => onChoose(table.id)}
            />
          );
        })}
      </ScrollArea.Autosize>
    </Stack>
  );
}
