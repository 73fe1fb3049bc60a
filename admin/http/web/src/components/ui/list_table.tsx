import { Table, Tooltip, type TableProps } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import type { CSSProperties, ReactNode } from 'react';

export interface Column {
  label: string;
  /** Numbers. */
  right?: boolean;
  /** Said, but not shown: a column of buttons. */
  hidden?: boolean;
  width?: number;
  /** What a short label stands for. */
  tip?: string;
}

interface ListTableProps extends Omit<TableProps, 'data'> {
  minWidth: number;
  columns: (string | Column)[];
  maxHeight?: string;
  children: ReactNode;
}

/**
 * A page's list: the children are its Table.Tr. Where it is narrower than `minWidth` each row stacks: its first cell is its
 * head, and each other cell stands under its column's label, so that nobody scrolls sideways.
 */
export function ListTable({ minWidth, columns, maxHeight, children, ...table }: ListTableProps) {
  const { ref, width } = useElementSize();
  const stacked = width > 0 && width < minWidth;
  const heads = columns.map((one): Column => (typeof one === 'string' ? { label: one } : one));
  // Read by app.css: a cell does not know its column.
  const labels = Object.fromEntries(
    heads.map((one, at) => [
      `--column-${at + 1}`,
      one.hidden || one.label === '' ? 'none' : JSON.stringify(one.label),
    ]),
  ) as CSSProperties;
  return (
    <div ref={ref} className="list" data-stacked={stacked || undefined} style={labels}>
      <Table.ScrollContainer
        minWidth={stacked ? 0 : minWidth}
        {...(maxHeight === undefined ? {} : { mah: maxHeight })}
      >
        <Table highlightOnHover={!stacked} {...table}>
          <Table.Thead>
            <Table.Tr>
              {heads.map((one) => (
                <Table.Th
                  key={one.label}
                  {...(one.right ? { ta: 'right' as const } : {})}
                  {...(one.width === undefined ? {} : { w: one.width })}
                  {...(one.hidden ? { 'aria-label': one.label } : {})}
                >
                  {one.hidden ? null : one.tip === undefined ? (
                    one.label
                  ) : (
                    <Tooltip label={one.tip}>
                      <span>{one.label}</span>
                    </Tooltip>
                  )}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>{children}</Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </div>
  );
}
