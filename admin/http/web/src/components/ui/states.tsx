import {
  Alert,
  Button,
  Center,
  Group,
  Skeleton,
  Stack,
  Text,
  ThemeIcon,
  Title,
} from '@mantine/core';
import { IconAlertTriangle, type Icon } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { messageOf } from '@/lib/api';

/** Nothing is there yet: what that means, and what to do next. */
export function Empty({
  icon: Symbol,
  title,
  children,
  action,
}: {
  icon: Icon;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <Center py={48}>
      <Stack align="center" gap="xs" maw={440}>
        <ThemeIcon size={48} radius="xl" variant="light" aria-hidden>
          <Symbol size={26} stroke={1.6} />
        </ThemeIcon>
        <Title order={2} size="h4" ta="center">
          {title}
        </Title>
        {children ? (
          <Text c="dimmed" ta="center" size="sm" component="div">
            {children}
          </Text>
        ) : null}
        {action ? <Group mt="sm">{action}</Group> : null}
      </Stack>
    </Center>
  );
}

export function Failed({
  error,
  retry,
  title = retry ? 'This could not be loaded' : 'This could not be done',
}: {
  error: unknown;
  retry?: () => unknown;
  title?: string;
}) {
  return (
    <Alert
      role="alert"
      color="red"
      variant="light"
      icon={<IconAlertTriangle aria-hidden />}
      title={title}
    >
      <Text size="sm">{messageOf(error)}</Text>
      {retry ? (
        <Button mt="sm" size="xs" variant="default" onClick={() => void retry()}>
          Try again
        </Button>
      ) : null}
    </Alert>
  );
}

export function Loading({ rows = 5 }: { rows?: number }) {
  return (
    <Stack gap="xs" role="status" aria-busy="true" aria-label="Loading">
      {Array.from({ length: rows }, (_, row) => (
        <Skeleton key={row} height={38} radius="sm" />
      ))}
    </Stack>
  );
}
