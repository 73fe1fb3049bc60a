import { Alert, Button, Modal, Text } from '@mantine/core';
import { IconArrowBackUp } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Failed, Loading } from '@/components/ui/states';
import { api } from '@/lib/api';
import type { Change, IssueDetail, RollbackPreview } from '@/types/model';
import { MakeRollback } from './make_rollback';

/** The way back from one entry of the change history, whoever made it: an issue or a client. */
export function ChangeRollback({ change }: { change: Pick<Change, 'id' | 'version'> }) {
  const [open, setOpen] = useState(false);
  const query = useQuery({
    queryKey: ['changes', change.id, 'rollback'],
    queryFn: () => api.get<RollbackPreview>(`/changes/${change.id}/rollback`),
    enabled: open,
    staleTime: 0,
  });
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconArrowBackUp size={16} />}
        onClick={() => setOpen(true)}
      >
        Undo this change
      </Button>
      <Modal
        opened={open}
        onClose={() => setOpen(false)}
        size="xl"
        title={`Rollback of change ${change.version}`}
      >
        {query.isPending ? <Loading rows={3} /> : null}
        {query.isError ? <Failed error={query.error} retry={query.refetch} /> : null}
        {query.data?.possible === false ? (
          <Alert color="orange" variant="light" title="It cannot be rolled back" role="status">
            <Text size="sm" className="prewrap">
              {query.data.reason}
            </Text>
          </Alert>
        ) : null}
        {query.data?.possible ? (
          <MakeRollback
            preview={query.data}
            make={(body) => api.post<IssueDetail>(`/changes/${change.id}/rollback`, body)}
            onClose={() => setOpen(false)}
          />
        ) : null}
      </Modal>
    </>
  );
}
