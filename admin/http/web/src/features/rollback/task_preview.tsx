import { Alert, Badge, Group, List, Stack, Table, Text } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { Ago } from '@/components/ui/ago';
import { ListTable } from '@/components/ui/list_table';
import { Loading } from '@/components/ui/states';
import type { RollbackRow, TaskRollback } from '@/types/model';
import { differences } from './row_diff';

const SqlEditor = lazy(() => import('@/components/ui/sql_editor'));
const kShown = 200;

const words: Record<string, string> = {
  insert: 'inserted',
  update: 'updated',
  delete: 'deleted',
  changed: 'the row is another now, or gone',
  exists: 'another row has its place',
};

function Value({ text, marked }: { text: string | null; marked: boolean }) {
  return (
    <Text span size="sm" className="mono" {...(marked ? { fw: 700 } : {})}>
      {text ?? (
        <Text span inherit c="dimmed" fs="italic">
          NULL
        </Text>
      )}
    </Text>
  );
}

/** Rows as the change found and left them, a line a column that differs. */
function Rows({
  label,
  rows,
}: {
  label: string;
  rows: readonly (RollbackRow & { conflict?: string; now?: RollbackRow['after'] })[];
}) {
  const conflicts = rows.some((row) => row.conflict);
  return (
    <ListTable
      minWidth={560}
      maxHeight="45vh"
      aria-label={label}
      verticalSpacing={4}
      stickyHeader
      columns={[
        'Table',
        conflicts ? 'Conflict' : 'Was',
        'Column',
        'Before the change',
        'After the change',
        ...(conflicts ? ['Now'] : []),
      ]}
    >
      {rows.slice(0, kShown).flatMap((row, place) =>
        differences(row).map((one, at) => (
          <Table.Tr key={`${place}-${one.column}`}>
            <Table.Td>{at === 0 ? `${row.schema}.${row.table}` : ''}</Table.Td>
            <Table.Td>{at === 0 ? (words[row.conflict ?? row.change] ?? row.change) : ''}</Table.Td>
            <Table.Td className="mono">{one.column}</Table.Td>
            <Table.Td>
              {row.before ? <Value text={one.before} marked={one.differs} /> : '–'}
            </Table.Td>
            <Table.Td>{row.after ? <Value text={one.after} marked={one.differs} /> : '–'}</Table.Td>
            {conflicts ? (
              <Table.Td>
                {row.now ? <Value text={row.now[one.column] ?? null} marked={false} /> : '–'}
              </Table.Td>
            ) : null}
          </Table.Tr>
        )),
      )}
    </ListTable>
  );
}

/** What undoing one change would do: its statements, its rows, and those that were changed since. */
export function TaskPreview({ task }: { task: TaskRollback }) {
  return (
    <Stack gap="sm">
      <Group gap="xs">
        <Text fw={650}>
          {task.database} on {task.instance}
        </Text>
        <Badge variant="light">
          {task.row_count.toLocaleString('en')} {task.row_count === 1 ? 'row' : 'rows'}
        </Badge>
        {task.possible ? (
          <Badge variant="light" color="gray">
            {task.mode === 'exact' ? 'row events, bit for bit' : 'SQL statements'}
          </Badge>
        ) : null}
        {task.kept_until ? (
          <Text size="sm" c="dimmed">
            kept until <Ago time={task.kept_until} />
          </Text>
        ) : null}
      </Group>
      {task.possible ? null : (
        <Alert color="orange" variant="light" className="prewrap">
          {task.reason}
        </Alert>
      )}
      {task.findings.length > 0 ? (
        <List size="sm" aria-label="Findings">
          {task.findings.map((finding) => (
            <List.Item key={finding.code}>
              <b>{finding.title}</b> {finding.detail}
            </List.Item>
          ))}
        </List>
      ) : null}
      {task.tables.map((table) => (
        <Text key={`${table.schema}.${table.table}`} size="sm">
          <b>
            {table.schema}.{table.table}
          </b>
          : {table.inserted.toLocaleString('en')} inserted, {table.updated.toLocaleString('en')}{' '}
          updated, {table.deleted.toLocaleString('en')} deleted
        </Text>
      ))}
      {task.statements.length > 0 ? (
        <Suspense fallback={<Loading rows={3} />}>
          <SqlEditor
            label="Rollback statements"
            value={task.statements.join('\n')}
            readOnly
            maxHeight="30vh"
          />
        </Suspense>
      ) : null}
      {task.statements_cut ? (
        <Text size="sm" c="dimmed">
          The beginning is shown; all of it runs.
        </Text>
      ) : null}
      {task.rows.length > 0 ? <Rows label="Rows before and after" rows={task.rows} /> : null}
      {task.conflicts.count > 0 ? (
        <Stack gap="xs">
          <Alert
            color="orange"
            variant="light"
            title={`${task.conflicts.count.toLocaleString('en')} ${task.conflicts.count === 1 ? 'row was' : 'rows were'} changed since`}
          />
          <Rows label="Conflicts" rows={task.conflicts.items} />
        </Stack>
      ) : task.possible ? (
        <Text size="sm" c="dimmed">
          {task.conflicts.all_checked
            ? 'No row was changed since.'
            : `No conflict in the first ${task.conflicts.rows_checked.toLocaleString('en')} rows.`}
        </Text>
      ) : null}
    </Stack>
  );
}
