// What the lists of a table – columns, indexes, foreign keys – have in common.
import { ActionIcon, Button } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import type { TableDraft } from './draft';

export interface ListProps {
  table: TableDraft;
  /** What the server says of a field: `indexes[2].name`. */
  errorOf: (path: string) => string | undefined;
  onChange: (table: TableDraft) => void;
}

/** The list with a part of one of its items changed. */
export function withPart<T extends { id: number }>(
  list: readonly T[],
  id: number,
  part: Partial<T>,
): T[] {
  return list.map((one) => (one.id === id ? { ...one, ...part } : one));
}

export function AddButton({ what, onClick }: { what: string; onClick: () => void }) {
  return (
    <Button
      size="xs"
      variant="default"
      w="fit-content"
      leftSection={<IconPlus size={14} />}
      onClick={onClick}
    >
      Add {what}
    </Button>
  );
}

export function DropButton({ named, onClick }: { named: string; onClick: () => void }) {
  return (
    <ActionIcon variant="subtle" color="red" aria-label={`Drop ${named}`} onClick={onClick}>
      <IconTrash size={16} />
    </ActionIcon>
  );
}
