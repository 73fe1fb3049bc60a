import {
  ActionIcon,
  Anchor,
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
import {
  IconHistory,
  IconPlayerPlay,
  IconPlayerStop,
  IconPlus,
  IconRoute,
  IconX,
} from '@tabler/icons-react';
import { lazy, Suspense, useEffect, useState } from 'react';
import { Link, useSearchParams } from 'react-router-dom';
import { Page } from '@/components/ui/page';
import { Loading } from '@/components/ui/states';
import { History } from '@/features/sql/history';
import { OutcomeView, type Outcome } from '@/features/sql/outcome';
import { Running, useCancel } from '@/features/sql/running';
import { SchemaTree } from '@/features/sql/schema_tree';
import {
  activeTab,
  closed,
  opened,
  readTabs,
  remembered,
  tabName,
  withTab,
  type Ran,
  type Tabs as SqlTabs,
} from '@/features/sql/tabs';
import { useExplain, useRun, type SqlCall } from '@/features/sql/use_sql';
import { Cancelled } from '@/lib/api';
import { completion, useDatabases, useSchema } from '@/lib/databases';
import { useInstances } from '@/lib/lists';
import { useMe, useSession } from '@/lib/session';
import { counted } from '@/lib/words';
import type { DatabaseEntry } from '@/types/model';

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

function TabBar({
  tabs,
  onChange,
  onClose,
}: {
  tabs: SqlTabs;
  onChange: (tabs: SqlTabs) => void;
  onClose: (id: number) => void;
}) {
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
        onClick={() => onClose(active.id)}
      >
        <IconX size={16} />
      </ActionIcon>
    </Group>
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
  // What a tab's last run gave stays with the tab, as its text does.
  const [outcomes, setOutcomes] = useState<ReadonlyMap<number, Outcome>>(new Map());
  const put = (id: number, outcome: Outcome | undefined) =>
    setOutcomes((before) => {
      const next = new Map(before);
      if (outcome) next.set(id, outcome);
      else next.delete(id);
      return next;
    });
  const run = useRun((call, answer) =>
    setHistory((before) =>
      remembered(before, {
        at: new Date().toISOString(),
        database: call.database,
        text: call.statement,
        seconds: answer instanceof Error ? 0 : answer.duration_us / 1e6,
        outcome: answer instanceof Error ? answer.message : counted(answer.rows.length, 'row'),
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
  const busy = run.isPending || explain.isPending;
  const { begin, cancel } = useCancel(busy);
  // Whose statement it is that runs.
  const [running, setRunning] = useState<number | null>(null);
  const failed = (error: Error) =>
    put(
      tab.id,
      error instanceof Cancelled ? { kind: 'cancelled', call } : { kind: 'refused', error, call },
    );
  const start = () => {
    if (!ready || busy) return;
    put(tab.id, undefined);
    setRunning(tab.id);
    run.mutate(
      { call, signal: begin() },
      { onSuccess: (answer) => put(tab.id, { kind: 'answer', answer }), onError: failed },
    );
  };
  const plan = () => {
    if (!ready || busy) return;
    put(tab.id, undefined);
    setRunning(tab.id);
    explain.mutate(
      { call, signal: begin() },
      { onSuccess: (made) => put(tab.id, { kind: 'plan', plan: made }), onError: failed },
    );
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
            <TabBar
              tabs={tabs}
              onChange={setTabs}
              onClose={(id) => {
                if (id === running) cancel();
                setTabs(closed(tabs, id));
                put(id, undefined);
              }}
            />
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
                leftSection={<IconPlayerStop size={16} />}
                disabled={!busy}
                onClick={cancel}
              >
                Cancel
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
                w={155}
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
            {busy && running === tab.id ? (
              <Running />
            ) : (
              <OutcomeView outcome={outcomes.get(tab.id)} databases={databases.data ?? []} />
            )}
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
