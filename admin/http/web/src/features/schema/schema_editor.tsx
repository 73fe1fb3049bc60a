import { Alert, Button, Card, Grid, Group, Stack, Tabs, Text, Title } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconTable } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { ReviewFindings } from '@/components/review_findings';
import { Empty, Failed, Loading } from '@/components/ui/states';
import { api, Problem } from '@/lib/api';
import { completion } from '@/lib/databases';
import type { DatabaseSchema, SchemaDdl } from '@/types/model';
import { dataTypes } from './data_types';
import { draftsOf, newTable, toEdit, withTable, type TableDraft } from './draft';
import { TableForm } from './table_form';
import { TableList } from './table_list';

const SqlEditor = lazy(() => import('@/components/ui/sql_editor'));

/** The DDL of the draft, from the server. */
function useDdl(database: number, hash: string, tables: readonly TableDraft[]) {
  const [settled] = useDebouncedValue(tables, 350);
  const { edit, sent, empty } = toEdit(hash, settled);
  const query = useQuery({
    queryKey: ['ddl', database, JSON.stringify(edit)],
    queryFn: () => api.post<SchemaDdl>(`/databases/${database}/diff`, edit),
    enabled: !empty,
    placeholderData: keepPreviousData,
    retry: false,
  });
  const faults = query.error instanceof Problem ? query.error.errors : [];
  const errorOf = (table: number) => {
    const place = sent.indexOf(table);
    return (path: string) =>
      place < 0
        ? undefined
        : faults.find((fault) => fault.field === `tables[${place}].${path}`)?.message;
  };
  return {
    query,
    errorOf,
    empty,
    /** Nothing while the server has not yet seen what was typed last. */
    statement:
      settled === tables && !empty && !query.isPlaceholderData && query.isSuccess
        ? query.data.statement.trimEnd()
        : '',
  };
}

function Preview({
  database,
  ddl,
  statement,
  onReload,
}: {
  database: number;
  ddl: ReturnType<typeof useDdl>;
  statement: string;
  onReload: () => void;
}) {
  const { query, empty } = ddl;
  if (empty) {
    return (
      <Text size="sm" c="dimmed">
        The DDL appears here as you edit.
      </Text>
    );
  }
  if (query.isError) {
    const moved = query.error instanceof Problem && query.error.status === 409;
    const inFields = query.error instanceof Problem && query.error.errors.length > 0;
    return (
      <Stack gap="xs">
        <Failed
          error={inFields ? new Error('Some fields are not complete yet; see above.') : query.error}
          title="There is no DDL yet"
        />
        {moved ? (
          <Button size="xs" variant="default" w="fit-content" onClick={onReload}>
            Read the schema again
          </Button>
        ) : null}
      </Stack>
    );
  }
  const lost = query.data?.changes.filter((change) => change.destructive) ?? [];
  return (
    <Stack gap="xs">
      <Suspense fallback={<Loading rows={3} />}>
        <SqlEditor
          label="DDL"
          value={(query.data?.statement ?? '').trimEnd()}
          readOnly
          maxHeight="35vh"
        />
      </Suspense>
      {lost.length > 0 ? (
        <Alert color="red" variant="light" title="Data is lost by this">
          {lost.map((change, place) => (
            <Text key={place} size="sm">
              {change.object}
              {change.note ? `: ${change.note}` : ''}
            </Text>
          ))}
        </Alert>
      ) : null}
      <ReviewFindings database={database} statement={statement} />
    </Stack>
  );
}

/** Tables as forms beside the DDL that the server makes of them, or the DDL itself. */
export function SchemaEditor({
  database,
  schema,
  onReload,
  onPreview,
}: {
  database: number;
  schema: DatabaseSchema;
  onReload: () => void;
  onPreview: (statement: string) => void;
}) {
  const [tables, setTables] = useState(() => draftsOf(schema));
  const [chosen, setChosen] = useState<number | null>(tables[0]?.id ?? null);
  const [tab, setTab] = useState<string | null>('visual');
  const [raw, setRaw] = useState<string | null>(null);
  const ddl = useDdl(database, schema.hash, tables);
  const table = tables.find((one) => one.id === chosen);
  const add = () => {
    const names = new Set(tables.map((one) => one.name));
    let name = '';
    for (let number = tables.length + 1; name === '' || names.has(name); ++number) {
      name = `table_${number}`;
    }
    const made = newTable(name);
    setTables([...tables, made]);
    setChosen(made.id);
  };
  const drop = (gone: TableDraft) => {
    if (gone.was !== '') {
      setTables(withTable(tables, { ...gone, dropped: true }));
      return;
    }
    const rest = tables.filter((one) => one.id !== gone.id);
    setTables(rest);
    setChosen(rest[0]?.id ?? null);
  };
  const statement = tab === 'raw' && raw !== null ? raw : ddl.statement;
  return (
    <Stack>
      <Tabs value={tab} onChange={setTab} keepMounted={false}>
        <Group justify="space-between" align="end">
          <Tabs.List flex={1} miw={210}>
            <Tabs.Tab value="visual">Schema Editor</Tabs.Tab>
            <Tabs.Tab value="raw">Raw SQL</Tabs.Tab>
          </Tabs.List>
          <Button disabled={statement.trim() === ''} onClick={() => onPreview(statement)}>
            Preview issue
          </Button>
        </Group>
        <Tabs.Panel value="visual" pt="md">
          <Grid>
            <Grid.Col span={{ base: 12, md: 2.5 }}>
              <TableList tables={tables} chosen={chosen} onChoose={setChosen} onAdd={add} />
            </Grid.Col>
            <Grid.Col span={{ base: 12, md: 9.5 }}>
              <Stack>
                {table ? (
                  <TableForm
                    key={table.id}
                    table={table}
                    tables={tables}
                    types={dataTypes(schema.server_version)}
                    errorOf={ddl.errorOf(table.id)}
                    onChange={(changed) => setTables(withTable(tables, changed))}
                    onDrop={() => drop(table)}
                  />
                ) : (
                  <Empty icon={IconTable} title="No table yet">
                    Make the first one with New table.
                  </Empty>
                )}
                <Card withBorder>
                  <Title order={2} size="h5" mb="xs">
                    Preview
                  </Title>
                  <Preview
                    database={database}
                    ddl={ddl}
                    statement={ddl.statement}
                    onReload={onReload}
                  />
                </Card>
              </Stack>
            </Grid.Col>
          </Grid>
        </Tabs.Panel>
        <Tabs.Panel value="raw" pt="md">
          <Stack gap="xs">
            <Suspense fallback={<Loading rows={4} />}>
              <SqlEditor
                label="Statement"
                value={raw ?? ddl.statement}
                onChange={setRaw}
                onRun={() => onPreview(statement)}
                schema={completion(schema)}
              />
            </Suspense>
            {raw !== null && ddl.statement !== '' ? (
              <Button size="xs" variant="default" w="fit-content" onClick={() => setRaw(null)}>
                Take the Schema Editor&apos;s DDL instead
              </Button>
            ) : null}
            <ReviewFindings database={database} statement={raw ?? ddl.statement} />
          </Stack>
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}
