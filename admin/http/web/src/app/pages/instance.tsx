import { Button, Card, Tabs } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate, useParams, useSearchParams } from 'react-router-dom';
import { Confirm } from '@/components/ui/confirm';
import { Load } from '@/components/ui/load';
import { Page } from '@/components/ui/page';
import { InstanceDatabases } from '@/features/instances/instance_databases';
import { InstanceForm } from '@/features/instances/instance_form';
import { api } from '@/lib/api';
import { useSession } from '@/lib/session';
import type { Instance } from '@/types/model';

export function InstancePage() {
  const id = Number(useParams().id);
  const client = useQueryClient();
  const navigate = useNavigate();
  const { may } = useSession();
  const [params, setParams] = useSearchParams();
  const [deleting, setDeleting] = useState(false);
  const query = useQuery({
    queryKey: ['instances', id],
    queryFn: () => api.get<Instance>(`/instances/${id}`),
  });
  const remove = useMutation({
    mutationFn: () => api.delete(`/instances/${id}`),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['instances'] });
      void navigate('/instances');
    },
  });
  return (
    <Load query={query}>
      {(instance) => (
        <Page
          title={instance.name}
          crumbs={[{ label: 'Instances', to: '/instances' }]}
          lead={
            instance.state?.version
              ? `${instance.host}:${instance.port}, version ${instance.state.version}`
              : `${instance.host}:${instance.port}`
          }
          actions={
            may('instances.manage') ? (
              <Button
                variant="default"
                leftSection={<IconTrash size={16} />}
                onClick={() => setDeleting(true)}
              >
                Delete
              </Button>
            ) : null
          }
        >
          <Tabs
            value={params.get('tab') ?? 'databases'}
            onChange={(tab) => setParams({ tab: tab ?? 'databases' }, { replace: true })}
            keepMounted={false}
          >
            <Tabs.List>
              <Tabs.Tab value="databases">Databases</Tabs.Tab>
              {may('instances.manage') ? <Tabs.Tab value="connection">Connection</Tabs.Tab> : null}
            </Tabs.List>
            <Tabs.Panel value="databases" pt="md">
              <InstanceDatabases instance={id} />
            </Tabs.Panel>
            <Tabs.Panel value="connection" pt="md">
              <Card withBorder maw={760}>
                <InstanceForm
                  key={instance.id}
                  instance={instance}
                  onDone={() => notifications.show({ message: 'The instance is saved.' })}
                />
              </Card>
            </Tabs.Panel>
          </Tabs>
          <Confirm
            opened={deleting}
            title={`Delete ${instance.name}?`}
            action="Delete"
            busy={remove.isPending}
            error={remove.error}
            onClose={() => setDeleting(false)}
            onConfirm={() => remove.mutate()}
          >
            Clients no longer reach it through Sluice. Nothing on the server itself is touched.
          </Confirm>
        </Page>
      )}
    </Load>
  );
}
