// Real servers and `sluice serve` as processes, for the console's tests. No test is in here.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, openSync, closeSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../../..');
const sluice = process.env['SLUICE_BIN'] ?? join(root, 'build/dev/sluice');

export type Engine = 'mysql' | 'mariadb';
export const engines: readonly Engine[] = ['mysql', 'mariadb'];

/** A stock client's session that stays open. */
export interface Talk {
  say: (text: string) => void;
  /** Whether it is over, and how. */
  ended: Promise<{ status: number; err: string }>;
  close: () => void;
}

interface Login {
  port: number;
  user: string;
  password: string;
  database?: string;
}

export interface Server {
  engine: Engine;
  host: string;
  port: number;
  user: string;
  password: string;
  /** Runs statements as root, directly, and gives the output's lines. */
  sql: (text: string) => string[];
  /** Runs statements with the stock client at another address. */
  client: (
    at: Login,
    text: string,
  ) => {
    status: number;
    out: string;
    err: string;
  };
  /** Opens a session of the stock client at another address. */
  talk: (at: Login) => Talk;
  stop: () => void;
}

/** A private instance of one engine; null where it cannot be had on this machine. */
export function startServer(engine: Engine): Server | null {
  const name = `console-${process.pid}`;
  const dev = (action: string) =>
    execFileSync(join(root, 'dev'), ['mysql', action, '--engine', engine, '--name', name], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  let lines: string;
  try {
    lines = dev('start');
  } catch (error) {
    console.error(String(error));
    return null;
  }
  const values = new Map(
    lines
      .split('\n')
      .map((line) => /^(\w+)='(.*)'$/.exec(line))
      .filter((found) => found !== null)
      .map((found) => [found[1] ?? '', found[2] ?? '']),
  );
  const get = (key: string) => values.get(`SLUICE_${engine.toUpperCase()}_${key}`) ?? '';
  const program = engine === 'mysql' ? join(get('TOOLS'), 'mysql') : join(get('TOOLS'), 'mariadb');
  const command = ({ port, user, password, database }: Login) => {
    const args = ['--no-defaults', '-h127.0.0.1', `-P${port}`, `-u${user}`, '-N', '-B'];
    if (database) args.push(database);
    return { args, env: { ...process.env, MYSQL_PWD: password } };
  };
  const client: Server['client'] = (at, text) => {
    const { args, env } = command(at);
    try {
      const out = execFileSync(program, args, {
        input: text,
        encoding: 'utf8',
        env,
        stdio: ['pipe', 'pipe', 'pipe'],
      });
      return { status: 0, out, err: '' };
    } catch (error) {
      const failed = error as {
        status?: number;
        stdout?: string;
        stderr?: string;
      };
      return {
        status: failed.status ?? -1,
        out: failed.stdout ?? '',
        err: failed.stderr ?? '',
      };
    }
  };
  const talk: Server['talk'] = (at) => {
    const { args, env } = command(at);
    const child = spawn(program, args, {
      env,
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    let err = '';
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    // A session that was ended from outside has nobody to read what is said after it.
    child.stdin.on('error', () => undefined);
    return {
      say: (text) => void child.stdin.write(`${text}\n`),
      ended: new Promise((done) =>
        child.once('exit', (status) => done({ status: status ?? -1, err })),
      ),
      close: () => void child.stdin.end(),
    };
  };
  const server: Server = {
    engine,
    host: get('HOST'),
    port: Number(get('PORT')),
    user: get('USER'),
    password: get('PASSWORD'),
    client,
    talk,
    sql: (text) => {
      const ran = client({ port: server.port, user: server.user, password: server.password }, text);
      if (ran.status !== 0) throw new Error(`${text}: ${ran.err}`);
      return ran.out.split('\n').filter((line) => line !== '');
    },
    stop: () => void dev('stop'),
  };
  return server;
}

const given = new Set<number>();

/** Below the ports that the system gives to clients; never the same one twice. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 10_000);
    if (given.has(port)) continue;
    const free = await new Promise<boolean>((done) => {
      const probe = createServer();
      probe.once('error', () => done(false));
      probe.listen(port, '127.0.0.1', () => probe.close(() => done(true)));
    });
    if (!free) continue;
    given.add(port);
    return port;
  }
}

/** What `ask` gives, as soon as it gives something; its last failure when it does not in time. */
export async function until<T>(
  what: string,
  ask: () => T | undefined | false | Promise<T | undefined | false>,
  seconds = 60,
): Promise<T> {
  const end = Date.now() + seconds * 1000;
  let failure: unknown = 'nothing';
  while (Date.now() < end) {
    try {
      const found = await ask();
      if (found !== undefined && found !== false) return found;
    } catch (error) {
      failure = error;
    }
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`${what} did not come about in ${seconds} s: ${String(failure)}`);
}

/** `sluice serve` with an empty store, with no configuration file. */
export class Workspace {
  private process: ChildProcess | undefined;
  private readonly folder = mkdtempSync(join(tmpdir(), 'sluice-console-'));
  private readonly log = join(this.folder, 'log');
  url = '';
  mysqlPort = 0;

  async start(): Promise<void> {
    const admin = await freePort();
    this.mysqlPort = await freePort();
    const fd = openSync(this.log, 'a');
    const environment = Object.fromEntries(
      Object.entries(process.env).filter(([key]) => !key.startsWith('SLUICE_')),
    );
    this.process = spawn(
      sluice,
      [
        'serve',
        '--data',
        join(this.folder, 'data'),
        '--mysql-listen',
        `127.0.0.1:${this.mysqlPort}`,
        '--admin-listen',
        `127.0.0.1:${admin}`,
      ],
      { stdio: ['ignore', fd, fd], env: environment },
    );
    closeSync(fd);
    this.url = `http://127.0.0.1:${admin}`;
    await until('the admin port', async () => {
      if (this.process?.exitCode !== null) throw new Error(this.said());
      return (await fetch(`${this.url}/healthz`)).ok;
    });
  }

  said(): string {
    return readFileSync(this.log, 'utf8').slice(-4000);
  }

  async stop(): Promise<void> {
    const { process: running } = this;
    if (running && running.exitCode === null) {
      const ended = new Promise<number | null>((done) => running.once('exit', done));
      running.kill('SIGTERM');
      const status = await ended;
      if (status !== 0)
        throw new Error(`sluice serve ended with ${String(status)}: ${this.said()}`);
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A call of the API as somebody who is signed in with a password. */
  async api(token: string, method: string, path: string, body?: unknown): Promise<unknown> {
    const init: RequestInit = {
      method,
      headers: {
        Authorization: `Bearer ${token}`,
        'Content-Type': 'application/json',
      },
    };
    if (body !== undefined) init.body = JSON.stringify(body);
    const answer = await fetch(`${this.url}/api/v1${path}`, init);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  }

  async signIn(email: string, password: string): Promise<string> {
    const answer = await fetch(`${this.url}/api/v1/sessions`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ email, password }),
    });
    if (!answer.ok) throw new Error(`${email} cannot sign in: ${await answer.text()}`);
    return ((await answer.json()) as { token: string }).token;
  }
}
