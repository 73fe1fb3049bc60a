/** The command that reaches the proxy as this account, ready to be pasted into a shell. */
export function mysqlCommand(
  host: string,
  port: number,
  account: string,
  instance?: string,
): string {
  const login = instance ? `${account}@${instance}` : account;
  const quoted = /^[\w@.%+-]+$/.test(login) ? login : `'${login.replaceAll("'", `'\\''`)}'`;
  return `mysql --host=${host} --port=${port} --user=${quoted} --password`;
}

export interface MysqlAddress {
  host: string;
  port: number;
}

/** Where a client reaches the proxy: the first TCP listener; one on all addresses is reached as the console is. */
export function mysqlAddress(
  listeners: readonly string[],
  consoleHost: string,
): MysqlAddress | undefined {
  for (const listener of listeners) {
    const found = /^\[?([^\]]*?)\]?:(\d+)$/.exec(listener);
    if (!found || listener.startsWith('unix:')) continue;
    const host = found[1] ?? '';
    const any = ['', '0.0.0.0', '::', '*'].includes(host);
    return { host: any ? consoleHost : host, port: Number(found[2]) };
  }
  return undefined;
}
