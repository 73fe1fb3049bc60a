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
