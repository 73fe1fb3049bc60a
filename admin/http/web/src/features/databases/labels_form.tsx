import { Modal, Stack, TagsInput } from '@mantine/core';
import { FormButtons } from '@/components/ui/form_buttons';
import { Failed } from '@/components/ui/states';
import { api } from '@/lib/api';
import { useForm } from '@/lib/form';
import { readLabels, showLabels } from '@/lib/labels';
import type { DatabaseEntry } from '@/types/model';

/** Labels choose databases for one change: those of a tenant, of a region. */
export function LabelsForm({
  database,
  onClose,
}: {
  database: DatabaseEntry;
  onClose: () => void;
}) {
  const form = useForm(
    { labels: showLabels(database.labels) },
    (values) =>
      api.patch<DatabaseEntry>(`/databases/${database.id}`, {
        labels: readLabels(values.labels).labels,
      }),
    { stale: [['databases']], onDone: onClose },
  );
  const { bad } = readLabels(form.values.labels);
  return (
    <Modal opened onClose={onClose} title={`Labels of ${database.name}`} centered>
      <form onSubmit={form.submit}>
        <Stack>
          {form.problem ? <Failed error={form.problem} /> : null}
          <TagsInput
            label="Labels"
            description="Each as name=value, and Enter. A change can be made in all databases that have a label."
            data-autofocus
            value={form.values.labels}
            error={
              bad.length > 0 ? `Write ${bad.join(', ')} as name=value.` : form.errorOf('labels')
            }
            onChange={(labels) => form.set('labels', labels)}
          />
          <FormButtons label="Save" busy={form.busy} disabled={bad.length > 0} onClose={onClose} />
        </Stack>
      </form>
    </Modal>
  );
}
