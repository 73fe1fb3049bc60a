import { Page } from '@/components/ui/page';
import { IssueList } from '@/features/issues/issue_list';

export function Issues() {
  return (
    <Page title="Issues" lead="Changes of every project that you may see.">
      <IssueList />
    </Page>
  );
}
