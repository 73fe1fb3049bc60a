import { expect, it } from 'vitest';
import { mysqlCommand } from './command_line';

it('quotes what a shell would take apart', () => {
  expect(mysqlCommand('db.local', 6033, 'app')).toBe(
    'mysql --host=db.local --port=6033 --user=app --password',
  );
  expect(mysqlCommand('h', 1, 'app', 'main')).toContain('--user=app@main ');
  expect(mysqlCommand('h', 1, "o'neil; rm")).toContain(`--user='o'\\''neil; rm' `);
});
