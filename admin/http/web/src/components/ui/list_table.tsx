import { Table } from '@mantine/core';
import type { ReactNode } from 'react';

/** A page's list: `head` is its Table.Th, the children its Table.Tr. Narrower than `minWidth` it scrolls sideways. */
export function ListTable({
  minWidth,
  head,
  children,
}: {
  minWidth: number;
  head: ReactNode;
  children: ReactNode;
}) {
  return (
    <Table.ScrollContainer minWidth={minWidth}>
      <Table highlightOnHover>
        <Table.Thead>
          <Table.Tr>{head}</Table.Tr>
        </Table.Thead>
        <Table.Tbody>{children}</Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
