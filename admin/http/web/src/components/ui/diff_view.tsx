import { MySQL, sql } from '@codemirror/lang-sql';
import { MergeView } from '@codemirror/merge';
import { EditorState } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { Group, Text, useComputedColorScheme } from '@mantine/core';
import { basicSetup } from 'codemirror';
import { useEffect, useRef } from 'react';
import { sqlColours } from './highlight';

/** Two schemas side by side, equal parts folded. */
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
  const [left, right] = names;
  useEffect(() => {
    if (!host.current) return;
    const side = (doc: string, label: string) => ({
      doc,
      extensions: [
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
      ],
    });
    const view = new MergeView({
      parent: host.current,
      a: side(before, left),
      b: side(after, right),
      collapseUnchanged: { margin: 4, minSize: 8 },
    });
    return () => view.destroy();
  }, [before, after, left, right, dark]);
  return (
    <div>
      <Group grow mb={4}>
        <Text size="sm" fw={600}>
          {left}
        </Text>
        <Text size="sm" fw={600}>
          {right}
        </Text>
      </Group>
      <div ref={host} className="diff" />
    </div>
  );
}
