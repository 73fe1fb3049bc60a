import {
  Anchor,
  Card,
  Group,
  NumberInput,
  Select,
  Stack,
  Switch,
  Tabs,
  Text,
  TextInput,
} from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams, useSearchParams } from 'react-router-dom';
import { Load } from '@/components/ui/load';
import { Page } from '@/components/ui/page';
import { Failed } from '@/components/ui/states';
import { DriftFields } from '@/features/environments/drift_settings';
import { GateGrid } from '@/features/environments/gate_grid';
import { RollbackFields } from '@/features/environments/rollback_limits';
import { ReviewRules } from '@/features/environments/review_rules';
import { api } from '@/lib/api';
import { useForm } from '@/lib/form';
import { useSession } from '@/lib/session';
import { SaveButtons } from '@/components/ui/form_buttons';
import type { Environment } from '@/types/model';

function Editor({ environment }: { environment: Environment }) {
  const { may } = useSession();
  const [params, setParams] = useSearchParams();
  const fixed = !may('environments.manage');
  const form = useForm<Environment, Environment>(
    environment,
    ({ id, ...values }) => api.patch<Environment>(`/environments/${id}`, values),
    {
      stale: [['environments']],
      onDone: () => notifications.show({ message: 'Saved.' }),
    },
  );
  const { values } = form;
  return (
    <form onSubmit={form.submit}>
      <Stack>
        {form.problem ? <Failed error={form.problem} /> : null}
        <Tabs
          value={params.get('tab') ?? 'gate'}
          onChange={(tab) => setParams({ tab: tab ?? 'gate' }, { replace: true })}
          keepMounted={false}
        >
          <Tabs.List>
            <Tabs.Tab value="gate">Gate</Tabs.Tab>
            <Tabs.Tab value="approval">Approval</Tabs.Tab>
            <Tabs.Tab value="review">SQL review</Tabs.Tab>
            <Tabs.Tab value="drift">Drift</Tabs.Tab>
            <Tabs.Tab value="rollback">Rollback</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="gate" pt="md">
            <Stack maw={720}>
              <Text size="sm" c="dimmed">
                What a statement of a MySQL client meets on its way to an instance of this
                environment: it passes, it is recorded in the change history, it waits for a review
                as an issue, it is held until one is approved, or it is denied.
              </Text>
              <GateGrid
                gate={values.gate}
                disabled={fixed}
                onChange={(gate) => form.set('gate', gate)}
              />
              <Switch
                label="Shadow mode"
                description="Everything passes. Verdicts are only counted and listed, as what would have happened."
                disabled={fixed}
                checked={values.gate.shadow}
                onChange={(event) =>
                  form.set('gate', { ...values.gate, shadow: event.currentTarget.checked })
                }
              />
              {values.gate.shadow ? (
                <Anchor component={Link} size="sm" to="/connections?tab=statements">
                  What the gate would have done
                </Anchor>
              ) : null}
              <Group align="start">
                <NumberInput
                  label="Rows that one change may touch"
                  description="Beyond it the change is rolled back. 0: no limit."
                  min={0}
                  thousandSeparator=" "
                  disabled={fixed}
                  value={values.gate.max_affected_rows}
                  onChange={(value) =>
                    form.set('gate', { ...values.gate, max_affected_rows: Number(value) })
                  }
                  error={form.errorOf('gate.max_affected_rows')}
                />
                <NumberInput
                  label="Seconds that a held client waits"
                  description="Then it is answered with the issue's number."
                  min={1}
                  disabled={fixed}
                  value={values.gate.hold_seconds}
                  onChange={(value) =>
                    form.set('gate', { ...values.gate, hold_seconds: Number(value) })
                  }
                  error={form.errorOf('gate.hold_seconds')}
                />
              </Group>
            </Stack>
          </Tabs.Panel>
          <Tabs.Panel value="approval" pt="md">
            <Stack maw={560}>
              <TextInput label="Name" required disabled={fixed} {...form.text('name')} />
              <Select
                label="Approval"
                disabled={fixed}
                allowDeselect={false}
                data={[
                  { value: 'automatic', label: 'Automatic: changes run when every check passed' },
                  { value: 'manual', label: 'Manual: a person approves each change' },
                ]}
                value={values.approval}
                onChange={(value) => form.set('approval', value as Environment['approval'])}
              />
              <Text size="sm" c="dimmed">
                Rollbacks are approved by a person everywhere.
              </Text>
              <Switch
                label="The project's owner may approve"
                description="Besides the workspace's owners and DBAs."
                disabled={fixed}
                checked={values.project_owner_may_approve}
                onChange={(event) =>
                  form.set('project_owner_may_approve', event.currentTarget.checked)
                }
              />
              <Switch
                label="People may approve their own changes"
                disabled={fixed}
                checked={values.allow_self_approval}
                onChange={(event) => form.set('allow_self_approval', event.currentTarget.checked)}
              />
            </Stack>
          </Tabs.Panel>
          <Tabs.Panel value="review" pt="md">
            <ReviewRules
              review={values.review}
              disabled={fixed}
              onChange={(review) => form.set('review', review)}
            />
          </Tabs.Panel>
          <Tabs.Panel value="drift" pt="md">
            <Stack maw={560}>
              <NumberInput
                maw={320}
                label="Seconds between drift scans"
                description="Each database's schema is compared with its recorded one."
                min={5}
                disabled={fixed}
                value={values.drift_interval_seconds}
                onChange={(value) => form.set('drift_interval_seconds', Number(value))}
                error={form.errorOf('drift_interval_seconds')}
              />
              <DriftFields
                drift={values.drift}
                disabled={fixed}
                errorOf={form.errorOf}
                onChange={(drift) => form.set('drift', drift)}
              />
            </Stack>
          </Tabs.Panel>
          <Tabs.Panel value="rollback" pt="md">
            <RollbackFields
              limits={values.rollback}
              disabled={fixed}
              errorOf={form.errorOf}
              onChange={(limits) => form.set('rollback', limits)}
            />
          </Tabs.Panel>
        </Tabs>
        {fixed ? null : <SaveButtons busy={form.busy} onReset={() => form.reset()} />}
      </Stack>
    </form>
  );
}

export function EnvironmentPage() {
  const id = Number(useParams().id);
  const query = useQuery({
    queryKey: ['environments', id],
    queryFn: () => api.get<Environment>(`/environments/${id}`),
  });
  return (
    <Load query={query}>
      {(environment) => (
        <Page title={environment.name} crumbs={[{ label: 'Environments', to: '/environments' }]}>
          <Card withBorder>
            <Editor key={environment.id} environment={environment} />
          </Card>
        </Page>
      )}
    </Load>
  );
}
