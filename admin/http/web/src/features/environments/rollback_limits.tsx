import { Group, NumberInput, Stack, Switch } from '@mantine/core';
import type { RollbackLimits } from '@/types/model';

/** What of a data change's rows may be kept so that it can be rolled back. */
export function RollbackFields({
  limits,
  disabled,
  errorOf,
  onChange,
}: {
  limits: RollbackLimits;
  disabled: boolean;
  errorOf: (name: string) => string | undefined;
  onChange: (limits: RollbackLimits) => void;
}) {
  const set = (part: Partial<RollbackLimits>) => onChange({ ...limits, ...part });
  return (
    <Stack>
      <Switch
        label="Rows may be kept"
        description="Sealed, in Sluice's store. Otherwise a change can be rolled back only as long as the binary log has its rows."
        disabled={disabled}
        checked={limits.keep ?? false}
        onChange={(event) => set({ keep: event.currentTarget.checked })}
      />
      <Group align="start">
        <NumberInput
          label="MiB of one change"
          description="Of a larger one nothing is kept."
          min={1}
          disabled={disabled}
          value={limits.max_mib ?? ''}
          error={errorOf('rollback.max_mib')}
          onChange={(value) => set({ max_mib: Number(value) })}
        />
        <NumberInput
          label="Days"
          description="Then they are removed."
          min={1}
          disabled={disabled}
          value={limits.days ?? ''}
          error={errorOf('rollback.days')}
          onChange={(value) => set({ days: Number(value) })}
        />
      </Group>
    </Stack>
  );
}
