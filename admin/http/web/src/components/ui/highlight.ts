// Colours of SQL, each with a contrast of 4.5 : 1 at least on its scheme's ground.
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import { tags } from '@lezer/highlight';

interface Palette {
  keyword: string;
  name: string;
  text: string;
  number: string;
  comment: string;
  type: string;
}

const light: Palette = {
  keyword: '#6b21a8',
  name: '#1d4e89',
  text: '#9a3412',
  number: '#0b6e4f',
  comment: '#5c636a',
  type: '#095f6f',
};
const dark: Palette = {
  keyword: '#d0a9ff',
  name: '#9ecbff',
  text: '#ffb38a',
  number: '#8ce0b8',
  comment: '#a9aeb4',
  type: '#7fdbe8',
};

const styleOf = (palette: Palette): Extension =>
  syntaxHighlighting(
    HighlightStyle.define([
      { tag: tags.keyword, color: palette.keyword },
      { tag: [tags.typeName, tags.standard(tags.name), tags.bool, tags.null], color: palette.type },
      { tag: [tags.string, tags.special(tags.string)], color: palette.text },
      { tag: tags.number, color: palette.number },
      { tag: [tags.name, tags.special(tags.name)], color: palette.name },
      { tag: tags.comment, color: palette.comment, fontStyle: 'italic' },
    ]),
  );

const styles = { light: styleOf(light), dark: styleOf(dark) };

export const sqlColours = (isDark: boolean): Extension => (isDark ? styles.dark : styles.light);
