import { Alert, NumberInput, Stack, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { Failed } from '@/components/ui/states';
import { api } from '@/lib/api';
import { useForm } from '@/lib/form';
import { useSession } from '@/lib/session';
import { SaveButtons } from '@/components/ui/form_buttons';
import type { WorkspaceSettings } from '@/types/model';

/** A short field under a description that may be long. */
const narrow = { wrapper: { maxWidth: 240 } };

/** The settings of the workspace: kept in its store, in force for every program of it at once. */
export function WorkspaceForm({ settings }: { settings: WorkspaceSettings }) {
  const { may } = useSession();
  const fixed = !may('workspace.manage');
  const configured = settings.public_url_configured;
  // A number field that is being emptied holds a text.
  const initial: Pick<WorkspaceSettings, 'name' | 'public_url'> & {
    min_password_length: number | string;
    session_hours: number | string;
  } = settings;
  const { name, public_url: url, min_password_length, session_hours: hours } = initial;
  const seconds = settings.session_seconds_configured;
  const form = useForm(
    { name, public_url: url, min_password_length, session_hours: hours },
    ({ public_url, session_hours, ...values }) =>
      api.patch<WorkspaceSettings>('/settings', {
        ...values,
        // What the configuration gives cannot be set here.
        ...(configured ? {} : { public_url: public_url.trim() }),
        ...(seconds === null ? { session_hours } : {}),
      }),
    { stale: [['settings']], onDone: () => notifications.show({ message: 'Saved.' }) },
  );
  return (
    <form onSubmit={form.submit}>
      <Stack maw={560}>
        {fixed ? (
          <Alert color="gray" variant="light" py="xs">
            Owners of the workspace change these.
          </Alert>
        ) : null}
        {form.problem ? <Failed error={form.problem} title="The settings were not saved" /> : null}
        <TextInput
          label="Workspace name"
          description="Shown in the head of the console, so that one tells workspaces apart."
          maxLength={60}
          disabled={fixed}
          {...form.text('name')}
        />
        <TextInput
          label="Public URL"
          description={
            configured
              ? 'Given by admin.public_url of the configuration file: it is changed there.'
              : 'Where people reach the console: MySQL clients whose statement waits for a review are told it. Empty: the address of the admin listener.'
          }
          placeholder={window.location.origin}
          classNames={{ input: 'mono' }}
          readOnly={configured}
          disabled={fixed}
          {...form.text('public_url')}
        />
        <NumberInput
          label="Shortest password"
          description="Bytes of a new password, 8 to 64. Passwords that people have already stay."
          styles={narrow}
          allowDecimal={false}
          disabled={fixed}
          value={form.values.min_password_length}
          error={form.errorOf('min_password_length')}
          onChange={(value) => form.set('min_password_length', value)}
        />
        <NumberInput
          label="Hours of a session"
          description={
            seconds === null
              ? 'From sign-in until one must sign in again, 1 to 8,760. Sessions that have begun keep theirs.'
              : `Given by admin.session_seconds of the configuration file (${seconds} seconds): it is changed there.`
          }
          styles={narrow}
          allowDecimal={false}
          readOnly={seconds !== null}
          disabled={fixed}
          value={form.values.session_hours}
          error={form.errorOf('session_hours')}
          onChange={(value) => form.set('session_hours', value)}
        />
        {fixed ? null : <SaveButtons busy={form.busy} onReset={() => form.reset()} />}
      </Stack>
    </form>
  );
}
