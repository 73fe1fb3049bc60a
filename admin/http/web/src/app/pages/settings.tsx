import { Anchor, Card, List, Tabs, Text } from '@mantine/core';
import { Link, useSearchParams } from 'react-router-dom';
import { Load } from '@/components/ui/load';
import { Page } from '@/components/ui/page';
import { Configuration } from '@/features/settings/configuration';
import { WorkspaceForm } from '@/features/settings/workspace_form';
import { useEnvironments } from '@/lib/lists';
import { useSession } from '@/lib/session';
import { useSettings } from '@/lib/settings';

/** Settings of one environment are on its own page: the way there. */
function Elsewhere() {
  const environments = useEnvironments();
  const tabs = [
    ['gate', 'gate and shadow mode'],
    ['approval', 'approval'],
    ['review', 'SQL review'],
    ['drift', 'drift scans'],
    ['rollback', 'what is kept for rollbacks, and how long'],
  ] as const;
  return (
    <Card withBorder>
      <Text fw={600} mb="xs">
        Set for each environment
      </Text>
      <List size="sm" spacing={4}>
        {(environments.data ?? []).map((one) => (
          <List.Item key={one.id}>
            {one.name}:{' '}
            {tabs.map(([tab, label], place) => (
              <span key={tab}>
                {place > 0 ? ', ' : ''}
                <Anchor component={Link} size="sm" to={`/environments/${one.id}?tab=${tab}`}>
                  {label}
                </Anchor>
              </span>
            ))}
          </List.Item>
        ))}
      </List>
    </Card>
  );
}

export function Settings() {
  const query = useSettings();
  const { may } = useSession();
  const [params, setParams] = useSearchParams();
  return (
    <Page title="Settings">
      <Tabs
        value={params.get('tab') ?? 'workspace'}
        onChange={(tab) => setParams({ tab: tab ?? 'workspace' }, { replace: true })}
        keepMounted={false}
      >
        <Tabs.List>
          <Tabs.Tab value="workspace">Workspace</Tabs.Tab>
          {may('instances.manage') ? (
            <Tabs.Tab value="configuration">Configuration of the program</Tabs.Tab>
          ) : null}
        </Tabs.List>
        <Tabs.Panel value="workspace" pt="md">
          <Load query={query}>
            {(settings) => (
              <Card withBorder mb="md">
                <WorkspaceForm key={JSON.stringify(settings)} settings={settings} />
              </Card>
            )}
          </Load>
          <Elsewhere />
        </Tabs.Panel>
        <Tabs.Panel value="configuration" pt="md">
          <Configuration />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
