import {
  Button,
  Center,
  Group,
  Image,
  Loader,
  Paper,
  PasswordInput,
  Stack,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Failed } from '@/components/ui/states';

import { useForm } from '@/lib/form';
import { api, setCsrf } from '@/lib/api';
import type { SignedIn } from '@/types/model';

function Frame({ title, lead, children }: { title: string; lead: string; children: ReactNode }) {
  useDocumentTitle(`${title} · Sluice`);
  return (
    <Center component="main" mih="100vh" p="md">
      <Stack w={380} maw="100%">
        <Group gap="sm">
          <Image src="/sluice.svg" w={36} h={36} alt="" />
          <Title order={1} size="h2">
            {title}
          </Title>
        </Group>
        <Text c="dimmed" size="sm">
          {lead}
        </Text>
        <Paper withBorder p="lg" radius="md">
          {children}
        </Paper>
      </Stack>
    </Center>
  );
}

function useEnter() {
  const client = useQueryClient();
  return (signed: SignedIn) => {
    setCsrf(signed.csrf_token);
    void client.resetQueries();
  };
}

function Register() {
  const form = useForm(
    { name: '', email: '', password: '' },
    (values) => api.post<SignedIn>('/setup', values),
    { onDone: useEnter() },
  );
  return (
    <Frame
      title="Register the first admin"
      lead="This Sluice is new. The first person becomes its Workspace Owner, and may invite everybody else."
    >
      <form onSubmit={form.submit}>
        <Stack>
          {form.problem ? <Failed error={form.problem} /> : null}
          <TextInput label="Name" required autoFocus autoComplete="name" {...form.text('name')} />
          <TextInput
            label="Email"
            type="email"
            required
            autoComplete="username"
            {...form.text('email')}
          />
          <PasswordInput
            label="Password"
            description="At least 8 characters; a passphrase is best"
            required
            autoComplete="new-password"
            {...form.text('password')}
          />
          <Button type="submit" loading={form.busy}>
            Register
          </Button>
        </Stack>
      </form>
    </Frame>
  );
}

function Enter() {
  const form = useForm(
    { email: '', password: '' },
    (values) => api.post<SignedIn>('/sessions', values),
    { onDone: useEnter() },
  );
  return (
    <Frame title="Sign in" lead="Schema and data changes, reviewed before they reach a database.">
      <form onSubmit={form.submit}>
        <Stack>
          {form.problem ? <Failed error={form.problem} /> : null}
          <TextInput
            label="Email"
            type="email"
            required
            autoFocus
            autoComplete="username"
            {...form.text('email')}
          />
          <PasswordInput
            label="Password"
            required
            autoComplete="current-password"
            {...form.text('password')}
          />
          <Button type="submit" loading={form.busy}>
            Sign in
          </Button>
        </Stack>
      </form>
    </Frame>
  );
}

/** Registers the first person where there is none yet. */
export function SignIn() {
  const setup = useQuery({
    queryKey: ['setup'],
    queryFn: () => api.get<{ done: boolean }>('/setup'),
    staleTime: Infinity,
  });
  if (setup.isError) {
    return (
      <Center mih="100vh" p="md">
        <Failed error={setup.error} retry={setup.refetch} />
      </Center>
    );
  }
  if (!setup.data) {
    return (
      <Center mih="100vh">
        <Loader />
      </Center>
    );
  }
  return setup.data.done ? <Enter /> : <Register />;
}
