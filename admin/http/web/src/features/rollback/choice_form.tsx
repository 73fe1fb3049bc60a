import {
  Button,
  Card,
  Group,
  Input,
  SegmentedControl,
  Select,
  Stack,
  TagsInput,
  Text,
  TextInput,
} from '@mantine/core';
import { useDatabases } from '@/lib/databases';
import { useInstances } from '@/lib/lists';
import { missing, type Choice, type Who } from './choice';

const ways: { value: Who; label: string }[] = [
  { value: 'account', label: 'Account' },
  { value: 'thread', label: 'Connection' },
  { value: 'gtid', label: 'GTIDs' },
  { value: 'anyone', label: 'Anyone' },
];

const says: Record<Who, string> = {
  account: 'What the gate recorded of this MySQL login at the proxy.',
  thread:
    'CONNECTION_ID() at the server, as the binary log has it. MySQL only: MariaDB does not log it.',
  gtid: 'A set of GTIDs, as @@gtid_executed shows it.',
  anyone: 'Every change in the time range, also of clients that went past the proxy.',
};

/** Whose changes, where and when. */
export function ChoiceForm({
  choice,
  busy,
  errorOf,
  onChange,
  onPreview,
}: {
  choice: Choice;
  busy: boolean;
  errorOf: (field: string) => string | undefined;
  onChange: (choice: Choice) => void;
  onPreview: () => void;
}) {
  const instances = useInstances();
  const databases = useDatabases();
  const set = (part: Partial<Choice>) => onChange({ ...choice, ...part });
  const lacks = missing(choice);
  const { who } = choice;
  return (
    <Card withBorder>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (lacks === null) onPreview();
        }}
      >
        <Stack>
          <Group align="start" grow preventGrowOverflow={false}>
            <Select
              label="Instance"
              required
              maw={320}
              allowDeselect={false}
              data={(instances.data ?? []).map((one) => ({
                value: String(one.id),
                label: one.name,
              }))}
              value={choice.instance || null}
              error={errorOf('instance')}
              onChange={(instance) => set({ instance: instance ?? '' })}
            />
            <Input.Wrapper label="Whose changes" labelElement="div">
              <SegmentedControl
                display="flex"
                w="fit-content"
                aria-label="Whose changes"
                data={ways}
                value={who}
                onChange={(value) => set({ who: value })}
              />
            </Input.Wrapper>
          </Group>
          {who === 'anyone' ? (
            <Text size="sm" c="dimmed">
              {says.anyone}
            </Text>
          ) : (
            <TextInput
              label={ways.find((one) => one.value === who)?.label}
              description={says[who]}
              required
              maw={640}
              classNames={{ input: 'mono' }}
              value={choice[who]}
              error={errorOf(who)}
              onChange={(event) => set({ [who]: event.currentTarget.value })}
            />
          )}
          <Group align="start">
            <TextInput
              label="From"
              type="datetime-local"
              step={1}
              required={who === 'anyone'}
              value={choice.from}
              error={errorOf('from')}
              onChange={(event) => set({ from: event.currentTarget.value })}
            />
            <TextInput
              label="To"
              type="datetime-local"
              step={1}
              value={choice.to}
              error={errorOf('to')}
              onChange={(event) => set({ to: event.currentTarget.value })}
            />
            <TagsInput
              label="Tables"
              flex={1}
              miw={260}
              placeholder={choice.tables.length === 0 ? 'all; or schema.table' : ''}
              data={(databases.data ?? [])
                .filter((one) => String(one.instance) === choice.instance && one.present)
                .map((one) => `${one.name}.`)}
              value={choice.tables}
              error={errorOf('tables')}
              onChange={(tables) => set({ tables })}
            />
          </Group>
          <Text size="xs" c="dimmed">
            Times are those of your browser&apos;s time zone. Nothing is changed by looking.
          </Text>
          <Group>
            <Button type="submit" disabled={lacks !== null} loading={busy}>
              Preview
            </Button>
            {lacks ? (
              <Text size="sm" c="dimmed" role="status">
                {lacks}
              </Text>
            ) : null}
          </Group>
        </Stack>
      </form>
    </Card>
  );
}
