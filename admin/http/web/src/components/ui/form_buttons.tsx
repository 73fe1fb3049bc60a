import { Button, Group } from '@mantine/core';

/** The end of a form in a dialog: leave it, or send it. */
export function FormButtons({
  label,
  busy,
  disabled = false,
  onClose,
}: {
  label: string;
  busy: boolean;
  disabled?: boolean;
  onClose: () => void;
}) {
  return (
    <Group justify="flex-end">
      <Button variant="default" onClick={onClose}>
        Cancel
      </Button>
      <Button type="submit" loading={busy} disabled={disabled}>
        {label}
      </Button>
    </Group>
  );
}

/** The end of a form of settings: keep what was edited, or have it as it was. */
export function SaveButtons({ busy, onReset }: { busy: boolean; onReset: () => void }) {
  return (
    <Group>
      <Button type="submit" loading={busy}>
        Save
      </Button>
      <Button variant="default" onClick={onReset}>
        Undo edits
      </Button>
    </Group>
  );
}
