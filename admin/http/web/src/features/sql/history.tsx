import { Button, Drawer, Group, Stack, Text } from '@mantine/core';
import { Ago } from '@/components/ui/ago';
import { duration } from '@/lib/time';
import type { Ran } from './tabs';

/** What was run from this browser, newest first. */
export function History({
  opened,
  history,
  nameOf,
  onClose,
  onPick,
}: {
  opened: boolean;
  history: readonly Ran[];
  nameOf: (database: number) => string;
  onClose: () => void;
  onPick: (ran: Ran) => void;
}) {
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      position="right"
      size="lg"
      title="History of this browser"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Stack>
        {history.length === 0 ? (
          <Text size="sm" c="dimmed">
            Nothing was run yet.
          </Text>
        ) : null}
        {history.map((ran) => (
          <div key={ran.at + ran.text}>
            <Text className="mono prewrap" lineClamp={4}>
              {ran.text}
            </Text>
            <Group gap="xs" justify="space-between">
              <Text size="xs" c="dimmed">
                {nameOf(ran.database)}, <Ago time={ran.at} />, {duration(ran.seconds)}:{' '}
                {ran.outcome}
              </Text>
              <Button size="compact-xs" variant="default" onClick={() => onPick(ran)}>
                Open in a tab
              </Button>
            </Group>
          </div>
        ))}
      </Stack>
    </Drawer>
  );
}
