import { MySQL, sql } from '@codemirror/lang-sql';
import { setDiagnostics, type Diagnostic } from '@codemirror/lint';
import { Compartment, EditorState } from '@codemirror/state';
import { EditorView, keymap } from '@codemirror/view';
import { useComputedColorScheme } from '@mantine/core';
import { basicSetup } from 'codemirror';
import { useEffect, useRef } from 'react';
import { sqlColours } from './highlight';

export interface Marker {
  line: number;
  column: number;
  level: 'error' | 'warning';
  message: string;
}

const look = (dark: boolean) => [
  sqlColours(dark),
  EditorView.theme(
    {
      '&': {
        fontSize: '13px',
        border: '1px solid var(--mantine-color-default-border)',
        borderRadius: 'var(--mantine-radius-sm)',
        backgroundColor: 'var(--mantine-color-body)',
        color: 'var(--mantine-color-text)',
      },
      '.cm-content': { fontFamily: 'var(--mantine-font-family-monospace)', minHeight: '90px' },
      '.cm-gutters': {
        backgroundColor: 'var(--mantine-color-default-hover)',
        color: 'var(--mantine-color-dimmed)',
        border: 'none',
      },
      '&.cm-focused': { outline: '2px solid var(--focus)' },
      '.cm-activeLine, .cm-activeLineGutter': {
        backgroundColor: dark ? 'rgba(255,255,255,0.05)' : 'rgba(0,0,0,0.03)',
      },
      '.cm-cursor': { borderLeftColor: 'var(--mantine-color-text)' },
    },
    { dark },
  ),
];

export function diagnosticsOf(state: EditorState, markers: readonly Marker[]): Diagnostic[] {
  return markers
    .filter(({ line }) => line >= 1 && line <= state.doc.lines)
    .map(({ line, column, level, message }) => {
      const at = state.doc.line(line);
      const from = Math.min(at.to, at.from + Math.max(0, column - 1));
      return { from, to: at.to, severity: level, message };
    });
}

/** A statement sheet: MySQL highlighting, completion from the schema, findings at their lines. */
export default function SqlEditor({
  value,
  onChange,
  onRun,
  label,
  readOnly = false,
  markers = [],
  schema = {},
  maxHeight = '50vh',
}: {
  value: string;
  onChange?: (value: string) => void;
  onRun?: () => void;
  label: string;
  readOnly?: boolean;
  markers?: readonly Marker[];
  schema?: Record<string, string[]>;
  maxHeight?: string;
}) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const dark = useComputedColorScheme('light') === 'dark';
  const parts = useRef({ look: new Compartment(), language: new Compartment() });
  const handlers = useRef({ onChange, onRun });
  useEffect(() => {
    handlers.current = { onChange, onRun };
  });
  useEffect(() => {
    if (!host.current) return;
    const run = () => {
      handlers.current.onRun?.();
      return true;
    };
    const editor = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: value,
        extensions: [
          keymap.of([{ key: 'Mod-Enter', run, preventDefault: true }]),
          basicSetup,
          parts.current.language.of(sql({ dialect: MySQL, schema, upperCaseKeywords: true })),
          parts.current.look.of(look(dark)),
          EditorState.readOnly.of(readOnly),
          EditorView.editable.of(!readOnly),
          EditorView.contentAttributes.of({
            'aria-label': label,
            ...(readOnly ? { tabindex: '0' } : {}),
          }),
          EditorView.lineWrapping,
          EditorView.updateListener.of((update) => {
            if (update.docChanged) handlers.current.onChange?.(update.state.doc.toString());
          }),
        ],
      }),
    });
    editor.scrollDOM.style.maxHeight = maxHeight;
    view.current = editor;
    return () => editor.destroy();
    // Made once; what changes later is dispatched below.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [readOnly, label, maxHeight]);
  useEffect(() => {
    const editor = view.current;
    if (editor && editor.state.doc.toString() !== value) {
      editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
    }
  }, [value]);
  useEffect(() => {
    view.current?.dispatch({ effects: parts.current.look.reconfigure(look(dark)) });
  }, [dark]);
  const known = JSON.stringify(schema);
  useEffect(() => {
    const tables = JSON.parse(known) as Record<string, string[]>;
    view.current?.dispatch({
      effects: parts.current.language.reconfigure(
        sql({ dialect: MySQL, schema: tables, upperCaseKeywords: true }),
      ),
    });
  }, [known]);
  const marks = JSON.stringify(markers);
  useEffect(() => {
    const editor = view.current;
    if (!editor) return;
    const list = JSON.parse(marks) as Marker[];
    editor.dispatch(setDiagnostics(editor.state, diagnosticsOf(editor.state, list)));
  }, [marks, value]);
  return <div ref={host} />;
}
