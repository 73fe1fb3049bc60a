import { Alert, Badge, Button, Group, Stack, Text } from '@mantine/core';
import { Link } from 'react-router-dom';
import { Failed } from '@/components/ui/states';
import { messageOf } from '@/lib/api';
import { counted } from '@/lib/words';
import { duration } from '@/lib/time';
import type { DatabaseEntry, SqlAnswer } from '@/types/model';
import { ExplainView } from './explain_view';
import { ResultView } from './results_grid';
import { issueTypeOf } from './tabs';
import type { Plan, SqlCall } from './use_sql';

/** How the last run of a tab ended. */
export type Outcome =
  | { kind: 'answer'; answer: SqlAnswer }
  | { kind: 'plan'; plan: Plan }
  | { kind: 'cancelled'; call: SqlCall }
  | { kind: 'refused'; error: unknown; call: SqlCall };

function Answer({ answer }: { answer: SqlAnswer }) {
  return (
    <Stack>
      <Group gap="xs">
        <Badge variant="light">{duration(answer.duration_us / 1e6)}</Badge>
        {answer.warnings > 0 ? (
          <Badge variant="light" color="orange">
            {counted(answer.warnings, 'warning')}
          </Badge>
        ) : null}
      </Group>
      {[answer, ...answer.more_results].map((result, place) => (
        <ResultView key={place} result={result} />
      ))}
      {answer.error ? (
        <Alert color="red" variant="light" title="The answer ends here" role="alert">
          {answer.error.detail}
        </Alert>
      ) : null}
    </Stack>
  );
}

/** What the server refused; where it is a change, the issue that it would be. */
function Refused({
  error,
  call,
  database,
}: {
  error: unknown;
  call: SqlCall;
  database: DatabaseEntry | undefined;
}) {
  const type = issueTypeOf(messageOf(error));
  if (type === null || !database) return <Failed error={error} />;
  const query = new URLSearchParams({
    type,
    database: String(database.id),
    statement: call.statement,
  });
  return (
    <Alert color="orange" variant="light" title="This is a change" role="alert">
      <Text size="sm">{messageOf(error)}</Text>
      <Button
        mt="sm"
        size="xs"
        component={Link}
        to={`/projects/${database.project}/new?${query.toString()}`}
      >
        Make an issue
      </Button>
    </Alert>
  );
}

export function OutcomeView({
  outcome,
  databases,
}: {
  outcome: Outcome | undefined;
  databases: readonly DatabaseEntry[];
}) {
  switch (outcome?.kind) {
    case undefined:
      return (
        <Text size="sm" c="dimmed">
          Ctrl-Enter runs the statement.
        </Text>
      );
    case 'answer':
      return <Answer answer={outcome.answer} />;
    case 'plan':
      return <ExplainView table={outcome.plan.table} json={outcome.plan.json} />;
    case 'cancelled':
      return (
        <Alert color="gray" variant="light" title="Cancelled" role="alert">
          {outcome.call.mode === 'admin'
            ? 'The statement is ended on its server. What it had committed by then stays.'
            : 'The statement is ended on its server.'}
        </Alert>
      );
    case 'refused':
      return (
        <Refused
          error={outcome.error}
          call={outcome.call}
          database={databases.find((one) => one.id === outcome.call.database)}
        />
      );
  }
}
