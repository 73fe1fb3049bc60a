import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconPencil, IconRefresh, IconSnowflake, IconTags } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useNavigate } from 'react-router-dom';
import { FormButtons } from '@/components/ui/form_buttons';
import { Failed } from '@/components/ui/states';
import { api } from '@/lib/api';
import { useForm } from '@/lib/form';
import { useSession } from '@/lib/session';
import type { DatabaseEntry, IssueDetail } from '@/types/model';
import { LabelsForm } from './labels_form';

/** No change reaches a frozen database: not of an issue, not of a client. */
function Freeze({ database, onClose }: { database: DatabaseEntry; onClose: () => void }) {
  const form = useForm(
    { freeze_reason: database.freeze_reason },
    (values) =>
      api.patch<DatabaseEntry>(`/databases/${database.id}`, {
        frozen: !database.frozen,
        freeze_reason: database.frozen ? '' : values.freeze_reason,
      }),
    { stale: [['databases']], onDone: onClose },
  );
  return (
    <Modal
      opened
      onClose={onClose}
      title={database.frozen ? `Thaw ${database.name}?` : `Freeze ${database.name}?`}
      centered
    >
      <form onSubmit={form.submit}>
        <Stack>
          {form.problem ? <Failed error={form.problem} /> : null}
          {database.frozen ? (
            <Text size="sm">Changes may reach it again, as its environment says.</Text>
          ) : (
            <TextInput
              label="Reason"
              description="What clients are told when the gate refuses their change."
              data-autofocus
              {...form.text('freeze_reason')}
            />
          )}
          <FormButtons
            label={database.frozen ? 'Thaw' : 'Freeze'}
            busy={form.busy}
            onClose={onClose}
          />
        </Stack>
      </form>
    </Modal>
  );
}

/** What can be done with a database. */
export function DatabaseActions({ database }: { database: DatabaseEntry }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const { may } = useSession();
  const [open, setOpen] = useState<'freeze' | 'labels' | null>(null);
  const close = () => setOpen(null);
  const scan = useMutation({
    mutationFn: () => api.post<{ state: string }>(`/databases/${database.id}/scan`),
    onSuccess: ({ state }) => {
      void client.invalidateQueries({ queryKey: ['anomalies'] });
      void client.invalidateQueries({ queryKey: ['databases'] });
      notifications.show({
        message:
          state === 'drift'
            ? 'The live schema differs from the recorded one.'
            : 'The live schema is as it was recorded.',
      });
    },
  });
  const baseline = useMutation({
    mutationFn: () =>
      api.post<IssueDetail>('/issues', {
        project: database.project,
        type: 'schema.baseline',
        title: `New baseline of ${database.name}`,
        targets: [{ database: database.id }],
      }),
    onSuccess: (issue) => void navigate(`/issues/${issue.id}`),
  });
  const change = (type: string, label: string) => (
    <Button
      variant="default"
      leftSection={<IconPencil size={16} />}
      component={Link}
      to={`/projects/${database.project}/new?type=${type}&database=${database.id}`}
    >
      {label}
    </Button>
  );
  return (
    <Stack gap="xs" align="end">
      <Group gap="xs">
        {change('schema.update', 'Alter schema')}
        {change('data.update', 'Change data')}
        <Button
          variant="default"
          leftSection={<IconRefresh size={16} />}
          loading={scan.isPending}
          onClick={() => scan.mutate()}
        >
          Scan now
        </Button>
        {may('databases.transfer') ? (
          <Button
            variant="default"
            leftSection={<IconTags size={16} />}
            onClick={() => setOpen('labels')}
          >
            Labels
          </Button>
        ) : null}
        {may('databases.transfer') ? (
          <Button
            variant="default"
            leftSection={<IconSnowflake size={16} />}
            onClick={() => setOpen('freeze')}
          >
            {database.frozen ? 'Thaw' : 'Freeze'}
          </Button>
        ) : null}
        <Button variant="default" loading={baseline.isPending} onClick={() => baseline.mutate()}>
          Establish new baseline
        </Button>
      </Group>
      {open === 'freeze' ? <Freeze database={database} onClose={close} /> : null}
      {open === 'labels' ? <LabelsForm database={database} onClose={close} /> : null}
      {scan.isError ? <Failed error={scan.error} /> : null}
      {baseline.isError ? <Failed error={baseline.error} /> : null}
    </Stack>
  );
}
