import {
  Alert,
  Button,
  Collapse,
  Fieldset,
  Group,
  NumberInput,
  PasswordInput,
  Select,
  SimpleGrid,
  Stack,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core';
import { IconPlugConnected } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { Failed } from '@/components/ui/states';
import { api } from '@/lib/api';
import { FindingList } from './findings';
import { useForm } from '@/lib/form';
import { useEnvironments } from '@/lib/lists';
import type { Instance, InstanceTest, TlsMode } from '@/types/model';

const tlsModes: { value: TlsMode; label: string }[] = [
  { value: 'disabled', label: 'Disabled: never encrypted' },
  { value: 'preferred', label: 'Preferred: encrypted where the server can' },
  { value: 'required', label: 'Required: encrypted, certificate not checked' },
  { value: 'verify_ca', label: 'Verify CA: certificate of a known authority' },
  { value: 'verify_identity', label: 'Verify identity: and of this host' },
];

interface Values {
  name: string;
  environment: string;
  host: string;
  port: number;
  username: string;
  password: string;
  mode: TlsMode;
  ca: string;
}

function bodyOf(values: Values, changed: boolean) {
  return {
    name: values.name,
    engine: 'mysql',
    environment: Number(values.environment),
    host: values.host,
    port: values.port,
    username: values.username,
    // An empty password of an instance that is kept stays what it was.
    ...(changed && !values.password ? {} : { password: values.password }),
    tls: { mode: values.mode, ...(values.ca ? { ca: values.ca } : {}) },
  };
}

function Findings({ test }: { test: InstanceTest }) {
  return (
    <Alert
      color={test.ok ? 'teal' : 'red'}
      variant="light"
      title={test.ok ? `Connected: ${test.flavor} ${test.version}` : 'No connection'}
      role="status"
    >
      {test.findings.length === 0 ? (
        <Text size="sm">
          Nothing is missing: review, history, rollback and drift scans can all work.
        </Text>
      ) : (
        <FindingList findings={test.findings} />
      )}
    </Alert>
  );
}

/** Adds an instance, or changes `instance`. */
export function InstanceForm({
  instance,
  onDone,
  onCancel,
}: {
  instance?: Instance;
  onDone: (instance: Instance) => void;
  onCancel?: () => void;
}) {
  const environments = useEnvironments();
  const form = useForm<Values, Instance>(
    {
      name: instance?.name ?? '',
      environment: instance ? String(instance.environment) : '',
      host: instance?.host ?? '',
      port: instance?.port ?? 3306,
      username: instance?.username ?? '',
      password: '',
      mode: instance?.tls.mode ?? 'preferred',
      ca: instance?.tls.ca ?? '',
    },
    (values) =>
      instance
        ? api.patch<Instance>(`/instances/${instance.id}`, bodyOf(values, true))
        : api.post<Instance>('/instances', bodyOf(values, false)),
    { stale: [['instances']], onDone },
  );
  const test = useMutation({
    mutationFn: () =>
      api.post<InstanceTest>('/instances/test', {
        ...bodyOf(form.values, instance !== undefined),
        // Tested with the stored password, where that was stored for.
        ...(instance && !form.values.password ? { instance: instance.id } : {}),
      }),
  });
  const { values } = form;
  return (
    <form onSubmit={form.submit}>
      <Stack>
        {form.problem ? <Failed error={form.problem} /> : null}
        <SimpleGrid cols={{ base: 1, xs: 2 }} style={{ alignItems: 'start' }}>
          <TextInput label="Name" required data-autofocus {...form.text('name')} />
          <Select
            label="Environment"
            description="Its approval and gate policy hold for the instance."
            inputWrapperOrder={['label', 'input', 'error', 'description']}
            required
            allowDeselect={false}
            data={(environments.data ?? []).map((one) => ({
              value: String(one.id),
              label: one.name,
            }))}
            value={values.environment || null}
            onChange={(value) => form.set('environment', value ?? '')}
            error={form.errorOf('environment')}
          />
        </SimpleGrid>
        <SimpleGrid cols={{ base: 1, xs: 2 }} style={{ alignItems: 'start' }}>
          <TextInput
            label="Host"
            required
            placeholder="name.cluster-….rds.amazonaws.com"
            {...form.text('host')}
          />
          <NumberInput
            label="Port"
            required
            min={1}
            max={65535}
            hideControls
            maw={120}
            value={values.port}
            onChange={(value) => form.set('port', Number(value))}
            error={form.errorOf('port')}
          />
        </SimpleGrid>
        <SimpleGrid cols={{ base: 1, xs: 2 }} style={{ alignItems: 'start' }}>
          <TextInput label="User" required autoComplete="off" {...form.text('username')} />
          <PasswordInput
            label="Password"
            autoComplete="off"
            {...(instance ? { placeholder: 'unchanged' } : {})}
            {...form.text('password')}
          />
        </SimpleGrid>
        <Fieldset legend="Encryption">
          <Stack>
            <Select
              label="TLS"
              allowDeselect={false}
              data={tlsModes}
              value={values.mode}
              onChange={(value) => form.set('mode', value as TlsMode)}
            />
            <Collapse expanded={values.mode === 'verify_ca' || values.mode === 'verify_identity'}>
              <Textarea
                label="Certificate authority"
                description="PEM text; empty: the system's authorities"
                autosize
                minRows={3}
                maxRows={8}
                classNames={{ input: 'mono' }}
                {...form.text('ca')}
              />
            </Collapse>
          </Stack>
        </Fieldset>
        {test.isError ? <Failed error={test.error} /> : null}
        {test.data ? <Findings test={test.data} /> : null}
        <Group justify="space-between">
          <Button
            variant="default"
            leftSection={<IconPlugConnected size={16} />}
            loading={test.isPending}
            onClick={() => test.mutate()}
          >
            Test connection
          </Button>
          <Group>
            {onCancel ? (
              <Button variant="default" onClick={onCancel}>
                Cancel
              </Button>
            ) : null}
            <Button type="submit" loading={form.busy}>
              {instance ? 'Save' : 'Create'}
            </Button>
          </Group>
        </Group>
      </Stack>
    </form>
  );
}
