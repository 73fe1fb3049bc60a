// Cells of a result as text, for the grid and for files.
import type { SqlCell } from '@/types/model';

export function showCell(cell: SqlCell): string {
  if (cell === null) return 'NULL';
  if (typeof cell === 'object') {
    const bytes = Uint8Array.from(atob(cell.base64), (char) => char.charCodeAt(0));
    return `0x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
  }
  return String(cell);
}

/** RFC 4180; NULL is an empty field, an empty text a quoted one. A leading = + - @ would be a formula. */
export function toCsv(result: { columns: { name: string }[]; rows: SqlCell[][] }): string {
  const field = (text: string) =>
    /[",\r\n]/.test(text) || text === '' ? `"${text.replaceAll('"', '""')}"` : text;
  const safe = (cell: SqlCell) => {
    const text = showCell(cell);
    return typeof cell === 'string' && /^[=+@\t\r-]/.test(text) && Number.isNaN(Number(text))
      ? `'${text}`
      : text;
  };
  const lines = [
    result.columns.map((column) => field(column.name)),
    ...result.rows.map((row) => row.map((cell) => (cell === null ? '' : field(safe(cell))))),
  ];
  return lines.map((line) => `${line.join(',')}\r\n`).join('');
}

/** One object a row, by column name; a name that comes twice gets its place behind it. Bytes are base64. */
export function toJson(result: { columns: { name: string }[]; rows: SqlCell[][] }): string {
  const names: string[] = [];
  result.columns.forEach(({ name }, place) =>
    names.push(names.includes(name) ? `${name}_${place + 1}` : name),
  );
  const plain = (cell: SqlCell) => (typeof cell === 'object' && cell !== null ? cell.base64 : cell);
  const rows = result.rows.map((row) =>
    Object.fromEntries(names.map((name, place) => [name, plain(row[place] ?? null)])),
  );
  return `[\n${rows.map((row) => `  ${JSON.stringify(row)}`).join(',\n')}\n]\n`;
}

/** For the clipboard: tabs between, as spreadsheets take it. */
export function toTsv(result: { columns: { name: string }[]; rows: SqlCell[][] }): string {
  const flat = (text: string) => text.replace(/[\t\r\n]+/g, ' ');
  return [
    result.columns.map((column) => flat(column.name)),
    ...result.rows.map((row) => row.map((cell) => flat(showCell(cell)))),
  ]
    .map((line) => `${line.join('\t')}\n`)
    .join('');
}

/** Widths of a grid's columns in characters, from the names and the first rows. */
export function widthsOf(
  result: { columns: { name: string; type: string }[]; rows: SqlCell[][] },
  most = 60,
): number[] {
  const sample = result.rows.slice(0, 200);
  return result.columns.map(({ name, type }, place) =>
    Math.min(
      most,
      Math.max(
        name.length + 1 + type.length,
        ...sample.map((row) => showCell(row[place] ?? null).length),
      ),
    ),
  );
}
