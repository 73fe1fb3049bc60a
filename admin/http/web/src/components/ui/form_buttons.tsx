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
