import { Group, Kbd, Modal, Stack, Table, Text } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { useNavigate } from 'react-router-dom';
import { useSession } from '@/lib/session';
import { places } from './places';

function typing(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName))
  );
}

/** The table of keys, and the two-key jumps themselves. */
export function Keys({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const navigate = useNavigate();
  const { may } = useSession();
  const first = useRef<{ key: string; at: number }>({ key: '', at: 0 });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
      const before = event.timeStamp - first.current.at < 1200 ? first.current.key : '';
      const place = places.find(
        ({ keys, needs }) => keys[0] === before && keys[1] === event.key && (!needs || may(needs)),
      );
      first.current = { key: event.key, at: event.timeStamp };
      if (place) void navigate(place.to);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [navigate, may]);
  const rows: [string[], string][] = [
    [['Ctrl', 'K'], 'Jump to anything'],
    [['?'], 'This table'],
    [['Ctrl', 'Enter'], 'Run, or send the form'],
    [['Esc'], 'Close what is open; cancel the statement that runs in the SQL Editor'],
    ...places
      .filter(({ needs }) => !needs || may(needs))
      .map(({ keys, label }): [string[], string] => [keys, `Go to ${label}`]),
  ];
  return (
    <Modal opened={opened} onClose={onClose} title="Keys" centered>
      <Stack>
        <Table verticalSpacing={6}>
          <Table.Tbody>
            {rows.map(([keys, label]) => (
              <Table.Tr key={label}>
                <Table.Td w={130}>
                  <Group gap={4}>
                    {keys.map((key) => (
                      <Kbd key={key}>{key}</Kbd>
                    ))}
                  </Group>
                </Table.Td>
                <Table.Td>{label}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
        <Text size="xs" c="dimmed">
          On a Mac, ⌘ does what Ctrl does.
        </Text>
      </Stack>
    </Modal>
  );
}
