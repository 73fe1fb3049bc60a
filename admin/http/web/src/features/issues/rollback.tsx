import {
  Alert,
  Badge,
  Button,
  Card,
  Group,
  List,
  Modal,
  Radio,
  Stack,
  Switch,
  Table,
  Text,
  Title,
} from '@mantine/core';
import { IconArrowBackUp } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { useNavigate } from 'react-router-dom';
import { Ago } from '@/components/ui/ago';
import { Failed, Loading } from '@/components/ui/states';
import { api } from '@/lib/api';
import type { IssueDetail, RollbackPreview, RollbackRow, TaskRollback } from '@/types/model';
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
  rows: readonly (RollbackRow & { conflict?: string })[];
}) {
  return (
    <Table.ScrollContainer minWidth={640} mah="45vh">
      <Table aria-label={label} verticalSpacing={4} stickyHeader>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Table</Table.Th>
            <Table.Th>{rows.some((row) => row.conflict) ? 'Conflict' : 'Was'}</Table.Th>
            <Table.Th>Column</Table.Th>
            <Table.Th>Before the change</Table.Th>
            <Table.Th>After the change</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.slice(0, kShown).flatMap((row, place) =>
            differences(row).map((one, at) => (
              <Table.Tr key={`${place}-${one.column}`}>
                <Table.Td>{at === 0 ? `${row.schema}.${row.table}` : ''}</Table.Td>
                <Table.Td>
                  {at === 0 ? (words[row.conflict ?? row.change] ?? row.change) : ''}
                </Table.Td>
                <Table.Td className="mono">{one.column}</Table.Td>
                <Table.Td>
                  {row.before ? <Value text={one.before} marked={one.differs} /> : '–'}
                </Table.Td>
                <Table.Td>
                  {row.after ? <Value text={one.after} marked={one.differs} /> : '–'}
                </Table.Td>
              </Table.Tr>
            )),
          )}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function TaskPreview({ task }: { task: TaskRollback }) {
  return (
    <Stack gap="sm">
      <Group gap="xs">
        <Text fw={650}>
          {task.database} on {task.instance}
        </Text>
        <Badge variant="light" tt="none">
          {task.row_count.toLocaleString('en')} {task.row_count === 1 ? 'row' : 'rows'}
        </Badge>
        {task.possible ? (
          <Badge variant="light" color="gray" tt="none">
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

function usePreview(issue: number, enabled: boolean) {
  return useQuery({
    queryKey: ['issues', issue, 'rollback'],
    queryFn: () => api.get<RollbackPreview>(`/issues/${issue}/rollback`),
    enabled,
    staleTime: 0,
  });
}

function Create({
  issue,
  preview,
  onClose,
}: {
  issue: number;
  preview: RollbackPreview;
  onClose: () => void;
}) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const [conflicts, setConflicts] = useState('stop');
  const make = useMutation({
    mutationFn: () => api.post<IssueDetail>(`/issues/${issue}/rollback`, { conflicts }),
    onSuccess: (made) => {
      void client.invalidateQueries({ queryKey: ['issues'] });
      void navigate(`/issues/${made.id}`);
    },
  });
  return (
    <Stack>
      {preview.tasks.map((task) => (
        <TaskPreview key={task.task} task={task} />
      ))}
      <Radio.Group label="Rows that were changed since" value={conflicts} onChange={setConflicts}>
        <Stack gap={4} mt={4}>
          <Radio value="stop" label="Stop: one such row, and nothing is undone" />
          <Radio value="leave" label="Leave them as they are, and undo the others" />
        </Stack>
      </Radio.Group>
      <Text size="sm" c="dimmed">
        A rollback waits for a person&apos;s approval in every environment.
      </Text>
      {make.isError ? <Failed error={make.error} title="The rollback issue was not made" /> : null}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button loading={make.isPending} onClick={() => make.mutate()}>
          Create
        </Button>
      </Group>
    </Stack>
  );
}

/** The rollback of a data change that has run: the switch, why not, and the preview of its issue. */
export function RollbackCard({ issue }: { issue: IssueDetail }) {
  const client = useQueryClient();
  const [open, setOpen] = useState(false);
  const ran = issue.stages.some((stage) => stage.tasks.some((task) => task.change !== null));
  // What a rollback undid is kept without being asked.
  const asked = issue.rollback || issue.type === 'data.rollback';
  const preview = usePreview(issue.id, asked && ran);
  const turn = useMutation({
    mutationFn: (rollback: boolean) => api.patch<IssueDetail>(`/issues/${issue.id}`, { rollback }),
    onSettled: () => client.invalidateQueries({ queryKey: ['issues'] }),
  });
  const possible = preview.data?.possible === true;
  return (
    <Card withBorder>
      <Stack gap="sm">
        <Title order={2} size="h4">
          SQL Rollback
        </Title>
        {issue.type === 'data.update' ? (
          <Switch
            label="SQL Rollback"
            description={
              ran
                ? 'Keeps what undoes the change.'
                : 'What undoes the change is kept when it runs, so that it can be rolled back.'
            }
            checked={issue.rollback}
            disabled={turn.isPending}
            onChange={(event) => turn.mutate(event.currentTarget.checked)}
          />
        ) : null}
        {turn.isError ? <Failed error={turn.error} /> : null}
        {preview.isLoading ? <Loading rows={1} /> : null}
        {preview.isError ? <Failed error={preview.error} /> : null}
        {preview.data && !possible ? (
          <Alert color="orange" variant="light" title="It cannot be rolled back" role="status">
            <Text size="sm" className="prewrap">
              {preview.data.reason}
            </Text>
            <Button mt="xs" size="xs" variant="default" onClick={() => void preview.refetch()}>
              Look again
            </Button>
          </Alert>
        ) : null}
        {possible ? (
          <Button
            w="fit-content"
            leftSection={<IconArrowBackUp size={16} />}
            onClick={() => setOpen(true)}
          >
            Preview rollback issue
          </Button>
        ) : null}
        {preview.data ? (
          <Modal
            opened={open}
            onClose={() => setOpen(false)}
            size="xl"
            title={`Rollback of issue ${issue.id}`}
          >
            <Create issue={issue.id} preview={preview.data} onClose={() => setOpen(false)} />
          </Modal>
        ) : null}
      </Stack>
    </Card>
  );
}

/** What a rollback issue that has not run will do. */
export function RollbackPlan({ issue }: { issue: IssueDetail }) {
  const preview = usePreview(issue.id, true);
  if (preview.isLoading) return <Loading rows={2} />;
  if (preview.isError) return <Failed error={preview.error} />;
  return (
    <Card withBorder>
      <Stack>
        <Title order={2} size="h4">
          What it will do
        </Title>
        {preview.data?.tasks.map((task) => (
          <TaskPreview key={task.task} task={task} />
        ))}
      </Stack>
    </Card>
  );
}
