import {
  Alert,
  Badge,
  Button,
  Card,
  Checkbox,
  Group,
  List,
  Select,
  Stack,
  Switch,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { useNavigate, useParams, useSearchParams } from 'react-router-dom';
import { Load } from '@/components/ui/load';
import { Page } from '@/components/ui/page';
import { Failed, Loading } from '@/components/ui/states';
import { typeLabels } from '@/features/issues/status';
import { api } from '@/lib/api';
import { completion, useDatabases, useSchema } from '@/lib/databases';
import { useForm } from '@/lib/form';
import { useEnvironments, useInstances, useProjects } from '@/lib/lists';
import type { DatabaseEntry, IssueDetail, Review } from '@/types/model';

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
          <Group grow>
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
          </Group>
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

function Findings({ database, statement }: { database: number; statement: string }) {
  const [settled] = useDebouncedValue(statement, 500);
  const query = useQuery({
    queryKey: ['review', database, settled],
    queryFn: () => api.post<Review>('/review', { database, statement: settled }),
    enabled: settled.trim() !== '',
    retry: false,
  });
  if (settled.trim() === '' || query.isPending) return null;
  if (query.isError) return <Failed error={query.error} />;
  const { findings } = query.data;
  if (findings.length === 0) {
    return (
      <Alert color="teal" variant="light" role="status">
        The review finds nothing to object to.
      </Alert>
    );
  }
  return (
    <List spacing="xs" listStyleType="none" aria-label="Review findings">
      {findings.map((finding, place) => (
        <List.Item key={place}>
          <Group gap="xs">
            <Badge size="sm" variant="light" color={finding.level === 'error' ? 'red' : 'orange'}>
              {finding.level}
            </Badge>
            <Text size="sm" fw={600}>
              {finding.title}
            </Text>
            <Text size="xs" c="dimmed">
              line {finding.line}, {finding.rule}
            </Text>
          </Group>
          <Text size="sm" c="dimmed">
            {finding.detail}
          </Text>
        </List.Item>
      ))}
    </List>
  );
}

function Sheet({
  project,
  type,
  databases,
}: {
  project: number;
  type: 'schema.update' | 'data.update';
  databases: DatabaseEntry[];
}) {
  const navigate = useNavigate();
  const [params] = useSearchParams();
  const [chosen, setChosen] = useState<number[]>(() => {
    const wanted = Number(params.get('database'));
    return databases.some((one) => one.id === wanted) ? [wanted] : [];
  });
  const first = chosen[0] ?? null;
  const schema = useSchema(first);
  const instances = useInstances();
  const nameOf = new Map(instances.data?.map((one) => [one.id, one.name]));
  const title = `${typeLabels[type]} of ${databases
    .filter((one) => chosen.includes(one.id))
    .map((one) => one.name)
    .join(', ')}`;
  const form = useForm(
    {
      title: '',
      description: '',
      statement: params.get('statement') ?? '',
      rollback: type === 'data.update',
    },
    (values) =>
      api.post<IssueDetail>('/issues', {
        project,
        type,
        title: values.title || title,
        description: values.description,
        statement: values.statement,
        rollback: values.rollback,
        targets: chosen.map((database) => ({ database })),
      }),
    { stale: [['issues']], onDone: (issue) => void navigate(`/issues/${issue.id}`) },
  );
  return (
    <form onSubmit={form.submit}>
      <Stack>
        {form.problem ? <Failed error={form.problem} /> : null}
        <Card withBorder>
          <Text fw={600} size="sm" mb="xs">
            Databases
          </Text>
          {databases.length === 0 ? (
            <Text size="sm" c="dimmed">
              The project has no database yet: create one, or transfer one in.
            </Text>
          ) : (
            <Stack gap="xs">
              {databases.map((one) => (
                <Checkbox
                  key={one.id}
                  label={`${one.name} on ${nameOf.get(one.instance) ?? `instance ${one.instance}`}`}
                  checked={chosen.includes(one.id)}
                  onChange={(event) =>
                    setChosen((before) =>
                      event.currentTarget.checked
                        ? [...before, one.id]
                        : before.filter((id) => id !== one.id),
                    )
                  }
                />
              ))}
            </Stack>
          )}
        </Card>
        <Suspense fallback={<Loading rows={4} />}>
          <SqlEditor
            label="Statement"
            value={form.values.statement}
            onChange={(statement) => form.set('statement', statement)}
            onRun={() => form.submit()}
            schema={completion(schema.data)}
          />
        </Suspense>
        {first !== null ? <Findings database={first} statement={form.values.statement} /> : null}
        <TextInput label="Title" placeholder={title} {...form.text('title')} />
        <Textarea label="Description" autosize minRows={2} {...form.text('description')} />
        {type === 'data.update' ? (
          <Switch
            label="SQL rollback"
            description="Keep what undoes the change, so that it can be rolled back."
            checked={form.values.rollback}
            onChange={(event) => form.set('rollback', event.currentTarget.checked)}
          />
        ) : null}
        <Group>
          <Button
            type="submit"
            loading={form.busy}
            disabled={chosen.length === 0 || form.values.statement.trim() === ''}
          >
            Create issue
          </Button>
        </Group>
      </Stack>
    </form>
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
            <Sheet
              key={type}
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
