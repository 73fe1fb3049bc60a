import { expect, it } from 'vitest';
import { mysqlAddress, mysqlCommand } from './command_line';

it('quotes what a shell would take apart', () => {
  expect(mysqlCommand('db.local', 6033, 'app')).toBe(
    'mysql --host=db.local --port=6033 --user=app --password',
  );
  expect(mysqlCommand('h', 1, 'app', 'main')).toContain('--user=app@main ');
  expect(mysqlCommand('h', 1, "o'neil; rm")).toContain(`--user='o'\\''neil; rm' `);
});

it('names the listener that a client can reach', () => {
  expect(mysqlAddress(['unix:/run/x', '0.0.0.0:6033'], 'db.example')).toEqual({
    host: 'db.example',
    port: 6033,
  });
  expect(mysqlAddress(['[::1]:7000'], 'x')).toEqual({ host: '::1', port: 7000 });
  expect(mysqlAddress(['unix:/run/x:1'], 'x')).toBeUndefined();
  expect(mysqlAddress([], 'x')).toBeUndefined();
});
