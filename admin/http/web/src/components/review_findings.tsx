import { Alert, Badge, Group, List, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { Failed } from '@/components/ui/states';
import { api } from '@/lib/api';
import type { Review } from '@/types/model';

/** What SQL review says of a statement in a database, asked as one types. */
export function useReview(database: number | null, statement: string) {
  const [settled] = useDebouncedValue(statement, 400);
  return useQuery({
    queryKey: ['review', database, settled],
    queryFn: () => api.post<Review>('/review', { database, statement: settled }),
    enabled: database !== null && settled.trim() !== '',
    retry: false,
  });
}

export function ReviewFindings({
  database,
  statement,
}: {
  database: number | null;
  statement: string;
}) {
  const query = useReview(database, statement);
  if (statement.trim() === '' || query.isPending) return null;
  if (query.isError) return <Failed error={query.error} title="The review could not be made" />;
  const { findings } = query.data;
  if (findings.length === 0) {
    return (
      <Alert color="teal" variant="light" role="status" py="xs">
        The review finds nothing to object to.
      </Alert>
    );
  }
  return (
    <List spacing="xs" listStyleType="none" aria-label="Review findings">
      {findings.map((finding, place) => (
        <List.Item key={place}>
          <Group gap="xs">
            <Badge size="sm" variant="light" color={finding.level === 'error' ? 'red' : 'orange'}>
              {finding.level}
            </Badge>
            <Text size="sm" fw={600}>
              {finding.title}
            </Text>
            <Text size="xs" c="dimmed">
              line {finding.line}, {finding.rule}
            </Text>
          </Group>
          <Text size="sm" c="dimmed" className="prewrap">
            {finding.detail}
          </Text>
        </List.Item>
      ))}
    </List>
  );
}
