import { describe, expect, it } from 'vitest';
import type { SqlCell } from '@/types/model';
import { showCell, toCsv, toJson, toTsv, widthsOf } from './cells';

it('shows bytes as hexadecimal digits', () => {
  expect(showCell({ base64: 'AP8=' })).toBe('0x00ff');
  expect(showCell(null)).toBe('NULL');
  expect(showCell(true)).toBe('true');
});

it('quotes what a reader of CSV would misread', () => {
  const columns = [{ name: 'a,b', type: 'text', binary: false }];
  expect(toCsv({ columns, rows: [['x"y'], [null], [''], ['=1+1'], ['-5'], [7]] })).toBe(
    '"a,b"\r\n"x""y"\r\n\r\n""\r\n\'=1+1\r\n-5\r\n7\r\n',
  );
});

describe('other forms of a result', () => {
  const result = {
    columns: [
      { name: 'id', type: 'int' },
      { name: 'id', type: 'varchar' },
      { name: 'b', type: 'blob' },
    ],
    rows: [[1, 'a\tb', { base64: 'AP8=' }] as SqlCell[], [2, null, null] as SqlCell[]],
  };
  it('is JSON with every column', () => {
    expect(JSON.parse(toJson(result))).toEqual([
      { id: 1, id_2: 'a\tb', b: 'AP8=' },
      { id: 2, id_2: null, b: null },
    ]);
    expect(JSON.parse(toJson({ columns: [], rows: [] }))).toEqual([]);
  });
  it('is lines for the clipboard', () => {
    expect(toTsv(result)).toBe('id\tid\tb\n1\ta b\t0x00ff\n2\tNULL\tNULL\n');
  });
  it('has columns as wide as what is in them, within bounds', () => {
    expect(widthsOf(result)).toEqual([6, 10, 6]);
    expect(widthsOf({ columns: [{ name: 'a', type: 'text' }], rows: [['x'.repeat(500)]] })).toEqual(
      [60],
    );
  });
});
