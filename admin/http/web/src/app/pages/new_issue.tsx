import {
  Button,
  Card,
  Checkbox,
  Group,
  MultiSelect,
  Select,
  SimpleGrid,
  Stack,
  TextInput,
} from '@mantine/core';
import { IconDatabase } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { Link, useNavigate, useParams, useSearchParams } from 'react-router-dom';
import { ReviewFindings, useReview } from '@/components/review_findings';
import { Load } from '@/components/ui/load';
import { Page } from '@/components/ui/page';
import { Empty, Failed, Loading } from '@/components/ui/states';
import { IssuePreview } from '@/features/issues/issue_preview';
import { typeLabels } from '@/lib/words';
import { SchemaEditor } from '@/features/schema/schema_editor';
import { api } from '@/lib/api';
import { completion, useDatabases, useSchema } from '@/lib/databases';
import { useForm } from '@/lib/form';
import { hasLabels, readLabels, showLabels } from '@/lib/labels';
import { useEnvironments, useInstances, useProjects } from '@/lib/lists';
import type { DatabaseEntry, IssueDetail } from '@/types/model';

const SqlEditor = lazy(() => import('@/components/ui/sql_editor'));

function NewDatabase({ project }: { project: number }) {
  const navigate = useNavigate();
  const instances = useInstances();
  const environments = useEnvironments();
  const named = new Map(environments.data?.map((one) => [one.id, one.name]));
  const form = useForm(
    { name: '', instance: '', character_set: '', collation: '' },
    (values) =>
      api.post<IssueDetail>('/issues', {
        project,
        type: 'database.create',
        title: `Create database ${values.name}`,
        targets: [
          {
            instance: Number(values.instance),
            name: values.name,
            ...(values.character_set ? { character_set: values.character_set } : {}),
            ...(values.collation ? { collation: values.collation } : {}),
          },
        ],
      }),
    { stale: [['issues']], onDone: (issue) => void navigate(`/issues/${issue.id}`) },
  );
  return (
    <Card withBorder maw={560}>
      <form onSubmit={form.submit}>
        <Stack>
          {form.problem ? <Failed error={form.problem} /> : null}
          <TextInput label="Name" required data-autofocus {...form.text('name')} />
          <Select
            label="Instance"
            required
            allowDeselect={false}
            data={(instances.data ?? []).map((one) => ({
              value: String(one.id),
              label: `${one.name} (${named.get(one.environment) ?? ''})`,
            }))}
            value={form.values.instance || null}
            onChange={(value) => form.set('instance', value ?? '')}
          />
          <SimpleGrid cols={{ base: 1, xs: 2 }}>
            <TextInput
              label="Character set"
              placeholder="the server's default"
              {...form.text('character_set')}
            />
            <TextInput
              label="Collation"
              placeholder="the server's default"
              {...form.text('collation')}
            />
          </SimpleGrid>
          <Group>
            <Button type="submit" loading={form.busy}>
              Create
            </Button>
          </Group>
        </Stack>
      </form>
    </Card>
  );
}

type SheetType = 'schema.update' | 'data.update';

/** Which databases: they go into the address, so that the next step can be linked to. */
function ChooseDatabases({ project, databases }: { project: number; databases: DatabaseEntry[] }) {
  const [params, setParams] = useSearchParams();
  const [chosen, setChosen] = useState<number[]>([]);
  const instances = useInstances();
  const environments = useEnvironments();
  const environmentOf = new Map(environments.data?.map((one) => [one.id, one.name]));
  const instanceOf = new Map(instances.data?.map((one) => [one.id, one]));
  const known = [...new Set(databases.flatMap((one) => showLabels(one.labels)))].sort();
  const choose = (texts: string[]) => {
    const { labels } = readLabels(texts);
    setChosen(
      texts.length === 0
        ? []
        : databases.filter((one) => hasLabels(one.labels, labels)).map((one) => one.id),
    );
  };
  if (databases.length === 0) {
    return (
      <Empty
        icon={IconDatabase}
        title="The project has no database yet"
        action={
          <Button component={Link} to={`/projects/${project}/new?type=database.create`}>
            New DB
          </Button>
        }
      >
        Create one, or transfer one in on the project&apos;s page.
      </Empty>
    );
  }
  const go = (event: { preventDefault: () => void }) => {
    event.preventDefault();
    const next = new URLSearchParams(params);
    next.delete('database');
    for (const id of chosen) next.append('database', String(id));
    setParams(next);
  };
  return (
    <Card withBorder maw={640}>
      <form onSubmit={go}>
        <Stack>
          {known.length > 0 ? (
            <MultiSelect
              label="All that have these labels"
              placeholder="name=value"
              searchable
              data={known}
              onChange={choose}
            />
          ) : null}
          <Checkbox.Group
            label="Databases"
            description="The same statement runs in each: those of one environment side by side, environments in their order."
            value={chosen.map(String)}
            onChange={(ids) => setChosen(ids.map(Number))}
          >
            <Stack gap="xs" mt="sm">
              {databases.map((one) => {
                const instance = instanceOf.get(one.instance);
                return (
                  <Checkbox
                    key={one.id}
                    value={String(one.id)}
                    label={one.name}
                    description={
                      instance
                        ? `${instance.name}, ${environmentOf.get(instance.environment) ?? ''}`
                        : `instance ${one.instance}`
                    }
                  />
                );
              })}
            </Stack>
          </Checkbox.Group>
          <Group>
            <Button type="submit" disabled={chosen.length === 0}>
              Next
            </Button>
          </Group>
        </Stack>
      </form>
    </Card>
  );
}

/** A statement for one or more databases, with what the review finds in it. */
function Sheet({
  database,
  start,
  onPreview,
}: {
  database: number;
  start: string;
  onPreview: (statement: string) => void;
}) {
  const schema = useSchema(database);
  const [statement, setStatement] = useState(start);
  const review = useReview(database, statement);
  return (
    <Stack>
      <Suspense fallback={<Loading rows={4} />}>
        <SqlEditor
          label="Statement"
          value={statement}
          onChange={setStatement}
          onRun={() => onPreview(statement)}
          schema={completion(schema.data)}
          markers={(review.data?.findings ?? []).map((finding) => ({
            line: finding.line,
            column: finding.column,
            level: finding.level,
            message: `${finding.title}. ${finding.detail}`,
          }))}
        />
      </Suspense>
      <ReviewFindings database={database} statement={statement} />
      <Group>
        <Button disabled={statement.trim() === ''} onClick={() => onPreview(statement)}>
          Preview issue
        </Button>
      </Group>
    </Stack>
  );
}

function SchemaStep({
  database,
  onPreview,
}: {
  database: number;
  onPreview: (statement: string) => void;
}) {
  const schema = useSchema(database);
  // An event may bring a newer schema at any time: what somebody has edited so far is theirs until they
  // ask for it. The server says when the schema that they began with is no longer the live one.
  const [held, setHeld] = useState(schema.data);
  if (held === undefined && schema.data !== undefined) setHeld(schema.data);
  const reload = async () => {
    const fresh = await schema.refetch();
    if (fresh.data) setHeld(fresh.data);
  };
  return (
    <Load query={schema}>
      {(read) => {
        const shown = held ?? read;
        return (
          <SchemaEditor
            key={shown.hash}
            database={database}
            schema={shown}
            onReload={() => void reload()}
            onPreview={onPreview}
          />
        );
      }}
    </Load>
  );
}

/** Choose, write, look at it, create. */
function Change({
  project,
  type,
  databases,
}: {
  project: number;
  type: SheetType;
  databases: DatabaseEntry[];
}) {
  const [params] = useSearchParams();
  const [statement, setStatement] = useState<string | null>(null);
  const wanted = params.getAll('database').map(Number);
  const chosen = databases.filter((one) => wanted.includes(one.id));
  const first = chosen[0];
  if (first === undefined) return <ChooseDatabases project={project} databases={databases} />;
  const start = params.get('statement') ?? '';
  const visual = type === 'schema.update' && chosen.length === 1 && start === '';
  return (
    <>
      <div hidden={statement !== null}>
        {visual ? (
          <SchemaStep database={first.id} onPreview={setStatement} />
        ) : (
          <Sheet database={first.id} start={start} onPreview={setStatement} />
        )}
      </div>
      {statement === null ? null : (
        <IssuePreview
          project={project}
          type={type}
          databases={chosen}
          statement={statement}
          findings={<ReviewFindings database={first.id} statement={statement} />}
          onBack={() => setStatement(null)}
        />
      )}
    </>
  );
}

export function NewIssue() {
  const project = Number(useParams().id);
  const [params] = useSearchParams();
  const type = params.get('type');
  const projects = useProjects();
  const name = projects.data?.find((one) => one.id === project)?.name ?? 'Project';
  const databases = useDatabases({ project });
  const crumbs = [
    { label: 'Projects', to: '/projects' },
    { label: name, to: `/projects/${project}` },
  ];
  if (type === 'schema.update' || type === 'data.update') {
    return (
      <Page title={typeLabels[type]} crumbs={crumbs}>
        <Load query={databases}>
          {(list) => (
            <Change
              key={params.toString()}
              project={project}
              type={type}
              databases={list.filter((one) => one.present)}
            />
          )}
        </Load>
      </Page>
    );
  }
  return (
    <Page
      title="New database"
      crumbs={crumbs}
      lead="An issue is made that creates it; where the environment asks for approval, a person approves first."
    >
      <NewDatabase project={project} />
    </Page>
  );
}
