import { NumberInput, Select, Stack, Switch, TextInput } from '@mantine/core';
import type { DriftSettings } from '@/types/model';

/** What counts as drift in an environment, and what else its scans report. */
export function DriftFields({
  drift,
  disabled,
  errorOf,
  onChange,
}: {
  drift: DriftSettings;
  disabled: boolean;
  errorOf: (name: string) => string | undefined;
  onChange: (drift: DriftSettings) => void;
}) {
  const set = (part: Partial<DriftSettings>) => onChange({ ...drift, ...part });
  return (
    <Stack>
      <Switch
        label="Follow the binary log"
        description="Drift then has its statement, time and author within seconds."
        disabled={disabled}
        checked={drift.watch_binlog ?? false}
        onChange={(event) => set({ watch_binlog: event.currentTarget.checked })}
      />
      <TextInput
        label="Tables that are left out"
        description="A regular expression for whole names: what online schema change tools make for a while."
        classNames={{ input: 'mono' }}
        disabled={disabled}
        value={drift.ignored ?? ''}
        error={errorOf('drift.ignored')}
        onChange={(event) => set({ ignored: event.currentTarget.value })}
      />
      <Switch
        label="A changed DEFINER is drift"
        disabled={disabled}
        checked={drift.definer ?? false}
        onChange={(event) => set({ definer: event.currentTarget.checked })}
      />
      <Switch
        label="Changed blanks and comments in programs are drift"
        disabled={disabled}
        checked={drift.whitespace ?? false}
        onChange={(event) => set({ whitespace: event.currentTarget.checked })}
      />
      <Select
        label="A table without a primary key"
        maw={320}
        allowDeselect={false}
        disabled={disabled}
        data={[
          { value: 'off', label: 'is not reported' },
          { value: 'info', label: 'is an information' },
          { value: 'warning', label: 'is a warning' },
        ]}
        value={drift.missing_primary_key ?? null}
        onChange={(value) => set({ missing_primary_key: value ?? 'off' })}
      />
      <NumberInput
        label="Seconds of a replica's lag that are an anomaly"
        description="0: never."
        maw={320}
        min={0}
        disabled={disabled}
        value={drift.replica_lag_seconds ?? 0}
        error={errorOf('drift.replica_lag_seconds')}
        onChange={(value) => set({ replica_lag_seconds: Number(value) })}
      />
    </Stack>
  );
}
