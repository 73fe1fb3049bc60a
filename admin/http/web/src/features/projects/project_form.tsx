import { SegmentedControl, Stack, Text, TextInput } from '@mantine/core';
import { FormButtons } from '@/components/ui/form_buttons';
import { Failed } from '@/components/ui/states';
import { api } from '@/lib/api';
import { useForm } from '@/lib/form';
import { suggestKey } from '@/lib/project_key';
import type { Project } from '@/types/model';

/** A project's name, key and mode: of a new one, or of one that is there. */
export function ProjectForm({
  project,
  onClose,
  onDone,
}: {
  project?: Project;
  onClose: () => void;
  onDone: (project: Project) => void;
}) {
  const form = useForm(
    { name: project?.name ?? '', key: project?.key ?? '', mode: project?.mode ?? 'standard' },
    (values) => {
      const body = { ...values, key: values.key || suggestKey(values.name) };
      return project
        ? api.patch<Project>(`/projects/${project.id}`, body)
        : api.post<Project>('/projects', body);
    },
    { stale: [['projects']], onDone },
  );
  return (
    <form onSubmit={form.submit}>
      <Stack>
        {form.problem ? <Failed error={form.problem} /> : null}
        <TextInput label="Name" required data-autofocus {...form.text('name')} />
        <TextInput
          label="Key"
          description="Short, in capitals: it stands before the numbers of the project's issues."
          placeholder={suggestKey(form.values.name)}
          {...form.text('key')}
        />
        <div>
          <Text size="sm" fw={500} mb={4} id="mode">
            Mode
          </Text>
          <SegmentedControl
            aria-labelledby="mode"
            fullWidth
            value={form.values.mode}
            onChange={(value) => form.set('mode', value)}
            data={[
              { value: 'standard', label: 'Standard' },
              { value: 'tenant', label: 'Tenant' },
            ]}
          />
          <Text size="xs" c="dimmed" mt={4}>
            {form.values.mode === 'standard'
              ? 'Each change names its databases.'
              : 'One change runs in every database that its labels choose.'}
          </Text>
        </div>
        <FormButtons label={project ? 'Save' : 'Create'} busy={form.busy} onClose={onClose} />
      </Stack>
    </form>
  );
}
