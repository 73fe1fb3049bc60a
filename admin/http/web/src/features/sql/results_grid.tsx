import { Box, Button, Group, Stack, Text, Tooltip } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { IconCopy, IconDownload } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef, useState } from 'react';
import { showCell, toCsv, toJson, toTsv, widthsOf } from '@/lib/cells';
import { download } from '@/lib/download';
import { counted } from '@/lib/words';
import type { SqlResult } from '@/types/model';

const kRow = 28;
const kLongest = 300; // characters of a cell that are drawn

/** Rows of a result: only those in sight are in the page, so that 100,000 scroll as ten do. */
function Grid({ result, height }: { result: SqlResult; height: string }) {
  const scroller = useRef<HTMLDivElement>(null);
  const [chosen, setChosen] = useState<{ row: number; column: number } | null>(null);
  const clipboard = useClipboard();
  const widths = useMemo(() => widthsOf(result), [result]);
  // eslint-disable-next-line react-hooks/incompatible-library
  const rows = useVirtualizer({
    count: result.rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => kRow,
    overscan: 20,
  });
  const template = [
    `${String(result.rows.length).length + 4}ch`,
    ...widths.map((width) => `${width + 3}ch`),
  ].join(' ');
  const copyChosen = (event: React.KeyboardEvent) => {
    if (!chosen || event.key !== 'c' || !(event.ctrlKey || event.metaKey)) return;
    if (window.getSelection()?.toString()) return;
    clipboard.copy(showCell(result.rows[chosen.row]?.[chosen.column] ?? null));
  };
  return (
    <Box
      ref={scroller}
      className="grid"
      role="table"
      aria-label="Result"
      aria-rowcount={result.rows.length + 1}
      aria-colcount={result.columns.length}
      tabIndex={0}
      style={{ maxHeight: height }}
      onKeyDown={copyChosen}
    >
      <div role="rowgroup" className="grid-head">
        <div role="row" className="grid-row" style={{ gridTemplateColumns: template }}>
          <div role="columnheader" className="grid-number">
            #
          </div>
          {result.columns.map((column, place) => (
            <div role="columnheader" key={place} className="grid-cell">
              <b>{column.name}</b> <span className="grid-type">{column.type}</span>
            </div>
          ))}
        </div>
      </div>
      <div role="rowgroup" style={{ height: rows.getTotalSize(), position: 'relative' }}>
        {rows.getVirtualItems().map(({ index, start }) => (
          <div
            key={index}
            role="row"
            aria-rowindex={index + 2}
            className="grid-row"
            style={{
              gridTemplateColumns: template,
              position: 'absolute',
              top: 0,
              transform: `translateY(${start}px)`,
              height: kRow,
            }}
          >
            <div role="rowheader" className="grid-number">
              {index + 1}
            </div>
            {(result.rows[index] ?? []).map((cell, place) => {
              const text = showCell(cell);
              const picked = chosen?.row === index && chosen.column === place;
              return (
                <div
                  key={place}
                  role="cell"
                  className={`grid-cell${cell === null ? ' grid-null' : ''}${picked ? ' grid-chosen' : ''}`}
                  title={text.length > 40 ? text.slice(0, 2000) : undefined}
                  onClick={() => setChosen({ row: index, column: place })}
                >
                  {text.slice(0, kLongest)}
                </div>
              );
            })}
          </div>
        ))}
      </div>
    </Box>
  );
}

export function ResultView({ result }: { result: SqlResult }) {
  const clipboard = useClipboard();
  if (result.columns.length === 0) {
    return (
      <Text size="sm" role="status">
        {counted(result.affected_rows, 'row')} {result.affected_rows === 1 ? 'was' : 'were'}{' '}
        changed.
      </Text>
    );
  }
  return (
    <Stack gap={6}>
      <Grid result={result} height="55vh" />
      <Group justify="space-between">
        <Text size="sm" c="dimmed" role="status">
          {counted(result.rows.length, 'row')}
          {result.truncated ? ', and more on the server' : ''}
        </Text>
        <Group gap="xs">
          <Tooltip label="All rows, for a spreadsheet; Ctrl-C copies the chosen cell">
            <Button
              size="xs"
              variant="default"
              leftSection={<IconCopy size={14} />}
              onClick={() => clipboard.copy(toTsv(result))}
            >
              {clipboard.copied ? 'Copied' : 'Copy'}
            </Button>
          </Tooltip>
          <Button
            size="xs"
            variant="default"
            leftSection={<IconDownload size={14} />}
            onClick={() => download('result.csv', 'text/csv', toCsv(result))}
          >
            CSV
          </Button>
          <Button
            size="xs"
            variant="default"
            leftSection={<IconDownload size={14} />}
            onClick={() => download('result.json', 'application/json', toJson(result))}
          >
            JSON
          </Button>
        </Group>
      </Group>
    </Stack>
  );
}
