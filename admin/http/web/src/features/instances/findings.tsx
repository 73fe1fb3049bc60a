import { Badge, Group, List, Text } from '@mantine/core';
import type { Finding } from '@/types/model';

const colors: Record<string, string> = { error: 'red', warning: 'orange', info: 'blue' };

/** What keeps an instance from something, with the statement or step that mends it. */
export function FindingList({ findings }: { findings: readonly Finding[] }) {
  return (
    <List spacing="xs" size="sm" listStyleType="none" aria-label="Findings">
      {findings.map((finding) => (
        <List.Item key={finding.code + finding.title}>
          <Group gap="xs">
            <Badge size="sm" variant="light" color={colors[finding.severity] ?? 'gray'}>
              {finding.severity}
            </Badge>
            <Text size="sm" fw={600}>
              {finding.title}
            </Text>
          </Group>
          <Text size="sm" className="prewrap">
            {finding.detail}
          </Text>
        </List.Item>
      ))}
    </List>
  );
}
