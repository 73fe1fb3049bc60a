import { expect, it } from 'vitest';
import { suggestKey } from './project_key';

it.each([
  ['TestAurora', 'TA'],
  ['shop', 'SHO'],
  ['Order book 2', 'OB'],
  ['', ''],
  ['123', ''],
  ['a b c d e f g', 'ABCDE'],
])('%s: %s', (name, key) => expect(suggestKey(name)).toBe(key));
