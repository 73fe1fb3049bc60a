import {
  Anchor,
  Badge,
  Card,
  Group,
  List,
  SimpleGrid,
  Stack,
  Text,
  ThemeIcon,
  Title,
} from '@mantine/core';
import { IconCheck, IconCircle } from '@tabler/icons-react';
import { Link } from 'react-router-dom';
import { Page } from '@/components/ui/page';
import { useEnvironments, useInstances, useProjects } from '@/lib/lists';
import { useMe } from '@/lib/session';

interface Step {
  done: boolean;
  label: string;
  to: string;
}

function FirstSteps({ steps }: { steps: Step[] }) {
  return (
    <Card withBorder>
      <Title order={2} size="h4" mb="sm">
        First steps
      </Title>
      <List spacing="xs" center listStyleType="none">
        {steps.map((step) => (
          <List.Item
            key={step.label}
            icon={
              <ThemeIcon
                size={22}
                radius="xl"
                variant={step.done ? 'filled' : 'light'}
                color={step.done ? 'teal' : 'gray'}
                aria-label={step.done ? 'Done' : 'To do'}
              >
                {step.done ? <IconCheck size={14} /> : <IconCircle size={12} />}
              </ThemeIcon>
            }
          >
            <Anchor component={Link} to={step.to} {...(step.done ? { c: 'dimmed' } : {})}>
              {step.label}
            </Anchor>
          </List.Item>
        ))}
      </List>
    </Card>
  );
}

export function Home() {
  const me = useMe();
  const instances = useInstances();
  const projects = useProjects();
  const environments = useEnvironments();
  const own = (projects.data ?? []).filter((project) => project.key !== 'DEFAULT');
  const named = new Map(environments.data?.map((one) => [one.id, one.name]));
  return (
    <Page title="Home" lead={`Signed in as ${me.name}, ${me.role} of this workspace.`}>
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <FirstSteps
          steps={[
            {
              done: (instances.data?.length ?? 0) > 0,
              label: 'Add an instance',
              to: '/instances?add',
            },
            { done: own.length > 0, label: 'Create a project', to: '/projects?new' },
          ]}
        />
        <Card withBorder>
          <Title order={2} size="h4" mb="sm">
            Instances
          </Title>
          {instances.data?.length ? (
            <Stack gap={6}>
              {instances.data.map((instance) => (
                <Group key={instance.id} justify="space-between" wrap="nowrap">
                  <Anchor component={Link} to={`/instances/${instance.id}`} truncate>
                    {instance.name}
                  </Anchor>
                  <Group gap="xs" wrap="nowrap">
                    <Text size="sm" c="dimmed">
                      {named.get(instance.environment)}
                    </Text>
                    <Badge variant="light" color={instance.state?.up ? 'teal' : 'gray'}>
                      {instance.state?.up ? 'up' : 'not seen yet'}
                    </Badge>
                  </Group>
                </Group>
              ))}
            </Stack>
          ) : (
            <Text size="sm" c="dimmed">
              No server stands behind Sluice yet.
            </Text>
          )}
        </Card>
      </SimpleGrid>
    </Page>
  );
}
