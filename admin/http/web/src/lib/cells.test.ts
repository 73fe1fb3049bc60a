import { expect, it } from 'vitest';
import { showCell, toCsv } from './cells';

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
