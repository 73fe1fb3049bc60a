import { Alert, Card, Text, Title } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useSearchParams } from 'react-router-dom';
import { Page } from '@/components/ui/page';
import { Failed } from '@/components/ui/states';
import { choiceBody, readChoice, writeChoice } from '@/features/rollback/choice';
import { ChoiceForm } from '@/features/rollback/choice_form';
import { MakeRollback } from '@/features/rollback/make_rollback';
import { api, Problem } from '@/lib/api';
import type { IssueDetail, RollbackPreview, RowChoice } from '@/types/model';

/** Undoes what any client did, as long as the binary log has its rows. The choice is in the address. */
export function Undo() {
  const [params, setParams] = useSearchParams();
  const choice = readChoice(params);
  const body = choiceBody(choice);
  const look = useMutation({
    mutationFn: (wanted: RowChoice) =>
      api.post<RollbackPreview>('/rollbacks', { ...wanted, preview: true }),
  });
  // What was looked at is not what is in the form any more: it must be looked at again.
  const current = JSON.stringify(look.variables) === JSON.stringify(body);
  const problem = current && look.error instanceof Problem ? look.error : undefined;
  const preview = current ? look.data : undefined;
  return (
    <Page
      title="Undo changes"
      lead="Chooses changes in an instance's binary log and makes the issue that rolls them back. What went through an issue is rolled back on its own page."
    >
      <ChoiceForm
        choice={choice}
        busy={look.isPending}
        errorOf={(field) => problem?.field(field)}
        onChange={(next) => setParams(writeChoice(next), { replace: true })}
        onPreview={() => look.mutate(body)}
      />
      {current && look.isError ? <Failed error={look.error} /> : null}
      {preview?.possible === false ? (
        <Alert color="orange" variant="light" title="It cannot be rolled back" role="status">
          <Text size="sm" className="prewrap">
            {preview.reason}
          </Text>
        </Alert>
      ) : null}
      {preview?.possible ? (
        <Card withBorder>
          <Title order={2} size="h4" mb="sm">
            What it will do
          </Title>
          <MakeRollback
            preview={preview}
            make={(more) => api.post<IssueDetail>('/rollbacks', { ...body, ...more })}
          />
        </Card>
      ) : null}
    </Page>
  );
}
