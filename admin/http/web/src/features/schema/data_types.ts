// What the type field completes; any other text is the server's to judge.
const both = [
  'int',
  'int unsigned',
  'bigint',
  'bigint unsigned',
  'varchar(255)',
  'varchar(64)',
  'text',
  'datetime',
  'datetime(6)',
  'timestamp',
  'date',
  'time',
  'year',
  'decimal(10,2)',
  'double',
  'float',
  'tinyint(1)',
  'tinyint',
  'tinyint unsigned',
  'smallint',
  'smallint unsigned',
  'mediumint',
  'json',
  'char(36)',
  'char(1)',
  'binary(16)',
  'varbinary(255)',
  'blob',
  'mediumblob',
  'longblob',
  'tinyblob',
  'tinytext',
  'mediumtext',
  'longtext',
  "enum('a','b')",
  "set('a','b')",
  'bit(1)',
  'geometry',
  'point',
  'linestring',
  'polygon',
];

export function dataTypes(serverVersion: string): string[] {
  return serverVersion.includes('MariaDB')
    ? [...both, 'uuid', 'inet4', 'inet6']
    : [...both, 'vector(1536)', 'geomcollection'];
}

/** Types that ON UPDATE CURRENT_TIMESTAMP goes with, and their fractional digits. */
export function timePrecision(type: string): number | null {
  const found = /^\s*(?:datetime|timestamp)\s*(?:\(\s*(\d)\s*\))?/i.exec(type);
  return found ? Number(found[1] ?? 0) : null;
}
