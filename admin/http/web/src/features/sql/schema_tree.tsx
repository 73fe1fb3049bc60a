import { NavLink, ScrollArea, Stack, Text, TextInput } from '@mantine/core';
import { IconColumns3, IconEye, IconSearch, IconTable } from '@tabler/icons-react';
import { useState } from 'react';
import { Load } from '@/components/ui/load';
import { useSchema } from '@/lib/databases';
import { asName } from './names';

const kShown = 300;

/** Tables, columns and views of a database; a click writes the name into the statement. */
export function SchemaTree({
  database,
  onPick,
}: {
  database: number;
  onPick: (name: string) => void;
}) {
  const query = useSchema(database);
  const [wanted, setWanted] = useState('');
  const fits = (name: string) => name.toLowerCase().includes(wanted.toLowerCase());
  return (
    <Load query={query} rows={4}>
      {(schema) => {
        const tables = schema.tables.filter(
          (table) => fits(table.name) || table.columns.some((column) => fits(column.name)),
        );
        return (
          <Stack gap={4}>
            <TextInput
              size="xs"
              aria-label="Find a table or column"
              placeholder="Table or column"
              leftSection={<IconSearch size={14} />}
              value={wanted}
              onChange={(event) => setWanted(event.currentTarget.value)}
            />
            <ScrollArea.Autosize mah="70vh" type="auto">
              {tables.length === 0 && schema.views.length === 0 ? (
                <Text size="sm" c="dimmed" p="xs">
                  {schema.tables.length === 0 ? 'No table yet.' : 'Nothing of that name.'}
                </Text>
              ) : null}
              {tables.slice(0, kShown).map((table) => (
                <NavLink
                  key={table.name}
                  component="button"
                  py={4}
                  label={table.name}
                  leftSection={<IconTable size={15} />}
                  childrenOffset={18}
                >
                  <NavLink
                    component="button"
                    py={2}
                    label={`SELECT … FROM ${table.name}`}
                    onClick={() => onPick(`SELECT * FROM ${asName(table.name)} LIMIT 100;`)}
                  />
                  {table.columns.map((column) => (
                    <NavLink
                      key={column.name}
                      component="button"
                      py={2}
                      label={column.name}
                      description={column.type}
                      leftSection={<IconColumns3 size={13} />}
                      onClick={() => onPick(asName(column.name))}
                    />
                  ))}
                </NavLink>
              ))}
              {tables.length > kShown ? (
                <Text size="xs" c="dimmed" p="xs">
                  {tables.length - kShown} more; find them by name.
                </Text>
              ) : null}
              {schema.views.filter(fits).map((view) => (
                <NavLink
                  key={view}
                  component="button"
                  py={4}
                  label={view}
                  leftSection={<IconEye size={15} />}
                  onClick={() => onPick(asName(view))}
                />
              ))}
            </ScrollArea.Autosize>
          </Stack>
        );
      }}
    </Load>
  );
}
