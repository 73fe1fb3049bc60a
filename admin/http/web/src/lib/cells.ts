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
