import {
  ActionIcon,
  Alert,
  Anchor,
  Badge,
  Button,
  Grid,
  Group,
  Paper,
  Select,
  Stack,
  Switch,
  Tabs,
  Text,
} from '@mantine/core';
import { readLocalStorageValue, useLocalStorage } from '@mantine/hooks';
import { IconHistory, IconPlayerPlay, IconPlus, IconRoute, IconX } from '@tabler/icons-react';
import { lazy, Suspense, useEffect, useState } from 'react';
import { Link, useSearchParams } from 'react-router-dom';
import { Page } from '@/components/ui/page';
import { Failed, Loading } from '@/components/ui/states';
import { ExplainView } from '@/features/sql/explain_view';
import { History } from '@/features/sql/history';
import { ResultView } from '@/features/sql/results_grid';
import { SchemaTree } from '@/features/sql/schema_tree';
import {
  activeTab,
  closed,
  issueTypeOf,
  opened,
  readTabs,
  remembered,
  tabName,
  withTab,
  type Ran,
  type Tabs as SqlTabs,
} from '@/features/sql/tabs';
import { useExplain, useRun, type SqlCall } from '@/features/sql/use_sql';
import { messageOf } from '@/lib/api';
import { completion, useDatabases, useSchema } from '@/lib/databases';
import { useInstances } from '@/lib/lists';
import { useMe, useSession } from '@/lib/session';
import { duration } from '@/lib/time';
import type { DatabaseEntry, SqlAnswer } from '@/types/model';

const SqlText = lazy(() => import('@/components/ui/sql_editor'));
const limits = ['1000', '10000', '100000'];

/** Tabs as they were left: a person's own, in this browser. */
function useTabs(me: number) {
  const key = `sluice-sql-tabs-${me}`;
  const [tabs, setTabs] = useState(() => readTabs(readLocalStorageValue({ key })));
  useEffect(() => {
    try {
      localStorage.setItem(key, JSON.stringify(tabs));
    } catch {
      // Full or forbidden: the tabs last as long as the page.
    }
  }, [key, tabs]);
  return [tabs, setTabs] as const;
}

function TabBar({ tabs, onChange }: { tabs: SqlTabs; onChange: (tabs: SqlTabs) => void }) {
  const active = activeTab(tabs);
  return (
    <Group gap={4} wrap="nowrap">
      <Tabs
        value={String(tabs.active)}
        onChange={(id) => onChange({ ...tabs, active: Number(id) })}
        style={{ minWidth: 0, overflowX: 'auto' }}
      >
        <Tabs.List style={{ flexWrap: 'nowrap' }} aria-label="Queries">
          {tabs.list.map((tab) => (
            <Tabs.Tab key={tab.id} value={String(tab.id)}>
              <Text size="sm" span style={{ whiteSpace: 'nowrap' }}>
                {tabName(tab)}
              </Text>
            </Tabs.Tab>
          ))}
        </Tabs.List>
      </Tabs>
      <ActionIcon
        variant="subtle"
        aria-label="New tab"
        onClick={() => onChange(opened(tabs, '', active.database))}
      >
        <IconPlus size={16} />
      </ActionIcon>
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label="Close this tab"
        onClick={() => onChange(closed(tabs, active.id))}
      >
        <IconX size={16} />
      </ActionIcon>
    </Group>
  );
}

function Answer({ answer }: { answer: SqlAnswer }) {
  return (
    <Stack>
      <Group gap="xs">
        <Badge variant="light" tt="none">
          {duration(answer.duration_us / 1e6)}
        </Badge>
        {answer.warnings > 0 ? (
          <Badge variant="light" color="orange" tt="none">
            {answer.warnings} warnings
          </Badge>
        ) : null}
      </Group>
      {[answer, ...answer.more_results].map((result, place) => (
        <ResultView key={place} result={result} />
      ))}
      {answer.error ? (
        <Alert color="red" variant="light" title="The answer ends here" role="alert">
          {answer.error.detail}
        </Alert>
      ) : null}
    </Stack>
  );
}

/** What the server refused; where it is a change, the issue that it would be. */
function Refused({
  error,
  call,
  database,
}: {
  error: unknown;
  call: SqlCall | undefined;
  database: DatabaseEntry | undefined;
}) {
  const type = issueTypeOf(messageOf(error));
  if (type === null || !call || !database) return <Failed error={error} />;
  const query = new URLSearchParams({
    type,
    database: String(database.id),
    statement: call.statement,
  });
  return (
    <Alert color="orange" variant="light" title="This is a change" role="alert">
      <Text size="sm">{messageOf(error)}</Text>
      <Button
        mt="sm"
        size="xs"
        component={Link}
        to={`/projects/${database.project}/new?${query.toString()}`}
      >
        Make an issue
      </Button>
    </Alert>
  );
}

export function SqlEditorPage() {
  const me = useMe();
  const { may } = useSession();
  const [params, setParams] = useSearchParams();
  const databases = useDatabases();
  const instances = useInstances();
  const [tabs, setTabs] = useTabs(me.id);
  const [history, setHistory] = useLocalStorage<Ran[]>({
    key: `sluice-sql-history-${me.id}`,
    defaultValue: [],
  });
  const [admin, setAdmin] = useState(false);
  const [limit, setLimit] = useState('1000');
  const [past, setPast] = useState(false);
  const tab = activeTab(tabs);
  const linked = Number(params.get('database')) || null;
  const chosen = tab.database ?? linked;
  const database = databases.data?.find((one) => one.id === chosen);
  const schema = useSchema(database ? chosen : null);
  const instanceOf = new Map(instances.data?.map((one) => [one.id, one.name]));
  const nameOf = (one: DatabaseEntry) =>
    `${one.name} on ${instanceOf.get(one.instance) ?? `instance ${one.instance}`}`;
  const run = useRun((call, answer) =>
    setHistory((before) =>
      remembered(before, {
        at: new Date().toISOString(),
        database: call.database,
        text: call.statement,
        seconds: answer instanceof Error ? 0 : answer.duration_us / 1e6,
        outcome: answer instanceof Error ? answer.message : `${answer.rows.length} rows`,
      }),
    ),
  );
  const explain = useExplain();
  const call: SqlCall = {
    database: chosen ?? 0,
    statement: tab.text,
    mode: admin ? 'admin' : 'read',
    limit: Number(limit),
  };
  const ready = database !== undefined && tab.text.trim() !== '';
  const start = () => {
    if (!ready || run.isPending) return;
    explain.reset();
    run.mutate(call);
  };
  const plan = () => {
    run.reset();
    explain.mutate(call);
  };
  const choose = (id: number | null) => {
    setTabs(withTab(tabs, { database: id }));
    setParams(id === null ? {} : { database: String(id) }, { replace: true });
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
            allowDeselect={false}
            w={300}
            data={(databases.data ?? [])
              .filter((one) => one.present)
              .map((one) => ({ value: String(one.id), label: nameOf(one) }))}
            value={chosen === null ? null : String(chosen)}
            onChange={(value) => choose(value === null ? null : Number(value))}
          />
          {may('sql.admin') ? (
            <Switch
              label="Admin mode"
              checked={admin}
              color="red"
              onChange={(event) => setAdmin(event.currentTarget.checked)}
            />
          ) : null}
        </>
      }
    >
      <Grid>
        <Grid.Col span={{ base: 12, md: 2.5 }}>
          {database ? (
            <SchemaTree
              key={database.id}
              database={database.id}
              onPick={(name) =>
                setTabs(
                  withTab(tabs, { text: tab.text === '' ? name : `${tab.text.trimEnd()} ${name}` }),
                )
              }
            />
          ) : (
            <Text size="sm" c="dimmed">
              Choose a database: its tables are listed here.
            </Text>
          )}
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 9.5 }}>
          <Stack gap="sm">
            <TabBar tabs={tabs} onChange={setTabs} />
            <Paper
              p={admin ? 'sm' : 0}
              {...(admin ? { className: 'admin-frame', 'data-mode': 'admin' } : {})}
            >
              <Stack gap="xs">
                {admin ? (
                  <Text size="sm" fw={700} className="admin-words" role="status">
                    Admin mode: every statement runs at once. It is audited, and is not part of the
                    change history.
                  </Text>
                ) : null}
                <Suspense fallback={<Loading rows={4} />}>
                  <SqlText
                    key={tab.id}
                    label="Statement"
                    value={tab.text}
                    onChange={(text) => setTabs((before) => withTab(before, { text }))}
                    onRun={start}
                    schema={completion(schema.data)}
                  />
                </Suspense>
              </Stack>
            </Paper>
            <Group gap="xs">
              <Button
                leftSection={<IconPlayerPlay size={16} />}
                color={admin ? 'red' : 'water'}
                disabled={!ready}
                loading={run.isPending}
                onClick={start}
              >
                Run
              </Button>
              <Button
                variant="default"
                leftSection={<IconRoute size={16} />}
                disabled={!ready}
                loading={explain.isPending}
                onClick={plan}
              >
                Explain
              </Button>
              <Select
                aria-label="Most rows"
                w={140}
                allowDeselect={false}
                data={limits.map((value) => ({
                  value,
                  label: `${Number(value).toLocaleString('en')} rows`,
                }))}
                value={limit}
                onChange={(value) => setLimit(value ?? '1000')}
              />
              <Button
                variant="default"
                leftSection={<IconHistory size={16} />}
                onClick={() => setPast(true)}
              >
                History
              </Button>
              {database ? (
                <Anchor component={Link} size="sm" to={`/databases/${database.id}`}>
                  {database.name}
                </Anchor>
              ) : null}
            </Group>
            {run.isError ? (
              <Refused error={run.error} call={run.variables} database={database} />
            ) : null}
            {explain.isError ? <Failed error={explain.error} /> : null}
            {run.data ? <Answer answer={run.data} /> : null}
            {explain.data ? (
              <ExplainView table={explain.data.table} json={explain.data.json} />
            ) : null}
            {!run.data && !run.isError && !explain.data ? (
              <Text size="sm" c="dimmed">
                Ctrl-Enter runs the statement.
              </Text>
            ) : null}
          </Stack>
        </Grid.Col>
      </Grid>
      <History
        opened={past}
        history={history}
        nameOf={(id) => databases.data?.find((one) => one.id === id)?.name ?? `database ${id}`}
        onClose={() => setPast(false)}
        onPick={(ran) => {
          setTabs(opened(tabs, ran.text, ran.database));
          setPast(false);
        }}
      />
    </Page>
  );
}
