import { Select, Table, Text } from '@mantine/core';
import type { ActionGroup, Gate, Verdict } from '@/types/model';
import { ListTable } from '@/components/ui/list_table';

const groups: { group: ActionGroup; says: string }[] = [
  { group: 'read', says: 'SELECT, SHOW, EXPLAIN' },
  { group: 'session', says: 'SET, USE, temporary tables' },
  { group: 'transaction', says: 'BEGIN, COMMIT, LOCK TABLES' },
  { group: 'dml', says: 'INSERT, UPDATE, DELETE, LOAD DATA' },
  { group: 'ddl', says: 'CREATE, ALTER, DROP, TRUNCATE' },
  { group: 'account', says: 'CREATE USER, GRANT' },
  { group: 'server', says: 'SET GLOBAL, FLUSH, SHUTDOWN' },
  { group: 'opaque', says: 'what cannot be told beforehand' },
];

const words: Record<Verdict, string> = {
  pass: 'pass',
  record: 'record',
  review: 'review',
  hold: 'hold',
  deny: 'deny',
};

const colors: Record<Verdict, string> = {
  pass: 'var(--mantine-color-teal-light)',
  record: 'var(--mantine-color-blue-light)',
  review: 'var(--mantine-color-yellow-light)',
  hold: 'var(--mantine-color-orange-light)',
  deny: 'var(--mantine-color-red-light)',
};

/** What changes nothing can only pass or be denied: there would be nothing to review. */
export function choices(group: ActionGroup): Verdict[] {
  const harmless = group === 'read' || group === 'session' || group === 'transaction';
  return harmless ? ['pass', 'deny'] : ['pass', 'record', 'review', 'hold', 'deny'];
}

/** The verdict grid as a grid that one edits. */
export function GateGrid({
  gate,
  disabled,
  onChange,
}: {
  gate: Gate;
  disabled: boolean;
  onChange: (gate: Gate) => void;
}) {
  const cell = (who: 'service' | 'human', group: ActionGroup) => {
    const verdict = gate[who][group];
    return (
      <Select
        aria-label={`${group} of ${who} accounts`}
        size="sm"
        w={130}
        disabled={disabled}
        allowDeselect={false}
        data={choices(group).map((value) => ({ value, label: words[value] }))}
        value={verdict}
        styles={{ input: { backgroundColor: colors[verdict] } }}
        onChange={(value) =>
          onChange({ ...gate, [who]: { ...gate[who], [group]: value as Verdict } })
        }
      />
    );
  };
  return (
    <ListTable
      minWidth={560}
      verticalSpacing={6}
      columns={['Statements', 'Service accounts', 'Human accounts']}
    >
      {groups.map(({ group, says }) => (
        <Table.Tr key={group}>
          <Table.Td>
            <Text size="sm" fw={600}>
              {group}
            </Text>
            <Text size="xs" c="dimmed">
              {says}
            </Text>
          </Table.Td>
          <Table.Td>{cell('service', group)}</Table.Td>
          <Table.Td>{cell('human', group)}</Table.Td>
        </Table.Tr>
      ))}
    </ListTable>
  );
}
