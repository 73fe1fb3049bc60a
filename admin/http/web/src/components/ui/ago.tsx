import { Text, Tooltip } from '@mantine/core';
import { ago, exact } from '@/lib/time';

export function Ago({ time }: { time: string }) {
  return (
    <Tooltip label={exact(time)} openDelay={300}>
      <Text component="time" span size="sm" inherit className="when" dateTime={time}>
        {ago(time)}
      </Text>
    </Tooltip>
  );
}
