import { MySQL, sql } from '@codemirror/lang-sql';
import { MergeView, unifiedMergeView } from '@codemirror/merge';
import { EditorState } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { Group, Text, useComputedColorScheme } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { basicSetup } from 'codemirror';
import { useEffect, useRef } from 'react';
import { sqlColours } from './highlight';

const shown = (dark: boolean, label: string) => [
  basicSetup,
  sql({ dialect: MySQL }),
  sqlColours(dark),
  EditorState.readOnly.of(true),
  EditorView.editable.of(false),
  EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' }),
  EditorView.theme({
    '&': { fontSize: '13px' },
    '.cm-gutters': { backgroundColor: 'transparent', color: 'var(--mantine-color-dimmed)' },
    '.cm-collapsedLines': {
      color: 'var(--mantine-color-dimmed)',
      background: 'var(--mantine-color-default-hover)',
    },
    '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'transparent' },
    '.cm-content': { fontFamily: 'var(--mantine-font-family-monospace)' },
  }),
];
const collapse = { margin: 4, minSize: 8 };

/** Two schemas side by side, one above the other where there is no room; equal parts folded. */
export default function DiffView({
  before,
  after,
  names,
}: {
  before: string;
  after: string;
  names: [string, string];
}) {
  const host = useRef<HTMLDivElement>(null);
  const dark = useComputedColorScheme('light') === 'dark';
  const narrow = useMediaQuery('(max-width: 62em)');
  const [left, right] = names;
  useEffect(() => {
    if (!host.current) return;
    const parent = host.current;
    const view = narrow
      ? new EditorView({
          parent,
          doc: after,
          extensions: [
            shown(dark, `${left} and ${right}`),
            EditorView.lineWrapping,
            unifiedMergeView({
              original: before,
              mergeControls: false,
              collapseUnchanged: collapse,
            }),
          ],
        })
      : new MergeView({
          parent,
          a: { doc: before, extensions: shown(dark, left) },
          b: { doc: after, extensions: shown(dark, right) },
          collapseUnchanged: collapse,
        });
    return () => view.destroy();
  }, [before, after, left, right, dark, narrow]);
  return (
    <div>
      {narrow ? (
        <Text size="sm" fw={600} mb={4}>
          {left} and {right.toLowerCase()}, in one
        </Text>
      ) : (
        <Group grow mb={4}>
          <Text size="sm" fw={600}>
            {left}
          </Text>
          <Text size="sm" fw={600}>
            {right}
          </Text>
        </Group>
      )}
      <div ref={host} className="diff" />
    </div>
  );
}
