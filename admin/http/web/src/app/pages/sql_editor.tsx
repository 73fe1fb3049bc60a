import {
  Alert,
  Badge,
  Button,
  Group,
  Paper,
  Select,
  Stack,
  Switch,
  Table,
  Text,
} from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { IconPlayerPlay } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { useSearchParams } from 'react-router-dom';
import { Page } from '@/components/ui/page';
import { Failed, Loading } from '@/components/ui/states';
import { api } from '@/lib/api';
import { showCell, toCsv } from '@/lib/cells';
import { completion, useDatabases, useSchema } from '@/lib/databases';
import { useInstances } from '@/lib/lists';
import { useSession } from '@/lib/session';
import { duration } from '@/lib/time';
import type { SqlAnswer, SqlResult } from '@/types/model';

const SqlText = lazy(() => import('@/components/ui/sql_editor'));
const kShown = 1000;

function Result({ result }: { result: SqlResult }) {
  if (result.columns.length === 0) {
    return <Text size="sm">{result.affected_rows.toLocaleString('en')} rows were changed.</Text>;
  }
  return (
    <Stack gap={4}>
      <Table.ScrollContainer minWidth={300} mah="55vh">
        <Table striped stickyHeader withTableBorder verticalSpacing={4}>
          <Table.Thead>
            <Table.Tr>
              {result.columns.map((column, place) => (
                <Table.Th key={place}>
                  {column.name}
                  <Text size="xs" c="dimmed" fw={400}>
                    {column.type}
                  </Text>
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {result.rows.slice(0, kShown).map((row, at) => (
              <Table.Tr key={at}>
                {row.map((cell, place) => (
                  <Table.Td key={place} className="mono">
                    {cell === null ? (
                      <Text span c="dimmed" fs="italic" size="sm">
                        NULL
                      </Text>
                    ) : (
                      showCell(cell)
                    )}
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Group justify="space-between">
        <Text size="sm" c="dimmed">
          {result.rows.length.toLocaleString('en')} rows
          {result.truncated ? ', and more on the server' : ''}
          {result.rows.length > kShown ? `; the first ${kShown} are shown` : ''}
        </Text>
        <Button
          size="xs"
          variant="default"
          component="a"
          download="result.csv"
          href={URL.createObjectURL(new Blob([toCsv(result)], { type: 'text/csv' }))}
        >
          Save as CSV
        </Button>
      </Group>
    </Stack>
  );
}

export function SqlEditorPage() {
  const { may } = useSession();
  const [params, setParams] = useSearchParams();
  const databases = useDatabases();
  const instances = useInstances();
  const nameOf = new Map(instances.data?.map((one) => [one.id, one.name]));
  const [text, setText] = useLocalStorage({ key: 'sluice-sql', defaultValue: 'SELECT 1;' });
  const [admin, setAdmin] = useState(false);
  const chosen = Number(params.get('database')) || null;
  const schema = useSchema(chosen);
  const run = useMutation({
    mutationFn: () =>
      api.post<SqlAnswer>('/sql', {
        database: chosen,
        statement: text,
        mode: admin ? 'admin' : 'read',
        limit: 10_000,
        timeout_seconds: 60,
      }),
  });
  const start = () => {
    if (chosen !== null && !run.isPending) run.mutate();
  };
  return (
    <Page
      title="SQL Editor"
      actions={
        <>
          <Select
            aria-label="Database"
            placeholder="Database"
            searchable
            w={280}
            data={(databases.data ?? [])
              .filter((one) => one.present)
              .map((one) => ({
                value: String(one.id),
                label: `${one.name} on ${nameOf.get(one.instance) ?? one.instance}`,
              }))}
            value={chosen === null ? null : String(chosen)}
            onChange={(value) => setParams(value ? { database: value } : {}, { replace: true })}
          />
          {may('sql.admin') ? (
            <Switch
              label="Admin mode"
              checked={admin}
              color="red"
              onChange={(event) => setAdmin(event.currentTarget.checked)}
            />
          ) : null}
          <Button
            leftSection={<IconPlayerPlay size={16} />}
            color={admin ? 'red' : 'water'}
            disabled={chosen === null}
            loading={run.isPending}
            onClick={start}
          >
            Run
          </Button>
        </>
      }
    >
      <Paper
        p={admin ? 'sm' : 0}
        style={admin ? { border: '3px solid var(--mantine-color-red-filled)' } : {}}
      >
        <Stack gap="xs">
          {admin ? (
            <Text size="sm" c="red" fw={600}>
              Admin mode: every statement runs at once. It is audited, and is not part of the change
              history.
            </Text>
          ) : null}
          <Suspense fallback={<Loading rows={4} />}>
            <SqlText
              label="Statement"
              value={text}
              onChange={setText}
              onRun={start}
              schema={completion(schema.data)}
            />
          </Suspense>
        </Stack>
      </Paper>
      {run.isError ? <Failed error={run.error} /> : null}
      {run.data ? (
        <Stack>
          <Group gap="xs">
            <Badge variant="light" color="teal">
              {duration(run.data.duration_us / 1e6)}
            </Badge>
            {run.data.warnings > 0 ? (
              <Badge variant="light" color="orange">
                {run.data.warnings} warnings
              </Badge>
            ) : null}
          </Group>
          {[run.data, ...run.data.more_results].map((result, place) => (
            <Result key={place} result={result} />
          ))}
        </Stack>
      ) : chosen === null ? (
        <Alert variant="light">
          Choose a database, write a statement, and run it with Ctrl-Enter.
        </Alert>
      ) : null}
    </Page>
  );
}
