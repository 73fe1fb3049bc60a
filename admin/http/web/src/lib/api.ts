// The one way to the server: JSON in and out, problems (RFC 9457) as errors, the CSRF header on
// whatever changes something.

export interface FieldError {
  field: string;
  message: string;
}

export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly errors: readonly FieldError[] = [],
  ) {
    super(detail || title);
    this.name = 'Problem';
  }

  /** The message for a form's field, if the server named it. */
  field(name: string): string | undefined {
    return this.errors.find((error) => error.field === name)?.message;
  }
}

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

/** Whoever asked gave it up: no failure of anything. */
export class Cancelled extends Error {
  constructor() {
    super('Cancelled.');
    this.name = 'Cancelled';
  }
}

let csrf = '';
let signedOut: (() => void) | undefined;

/** The token of the session's cookie; the server gives it at sign-in and with /me. */
export function setCsrf(token: string): void {
  csrf = token;
}

/** Called once when an answer says that nobody is signed in any more. */
export function onSignedOut(callback: () => void): void {
  signedOut = callback;
}

type Query = Record<string, string | number | boolean | null | undefined>;

export function withQuery(path: string, query: Query = {}): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '') params.set(name, String(value));
  }
  const text = params.toString();
  return text ? `${path}?${text}` : path;
}

async function problemOf(response: Response): Promise<Problem> {
  const type = response.headers.get('content-type') ?? '';
  if (type.includes('json')) {
    const body = (await response.json()) as Partial<Problem>;
    return new Problem(
      response.status,
      body.title ?? response.statusText,
      body.detail ?? '',
      body.errors ?? [],
    );
  }
  return new Problem(
    response.status,
    response.statusText,
    `The server answered ${response.status} without saying why.`,
  );
}

/** What of a request is not JSON: the wish that it ends, and no connection. */
function broken(signal: AbortSignal | undefined, title: string, detail: string): Error {
  return signal?.aborted ? new Cancelled() : new Problem(0, title, detail);
}

async function send<T>(
  method: string,
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<T> {
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (method !== 'GET') headers['X-CSRF-Token'] = csrf;
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  const init: RequestInit = { method, headers, credentials: 'same-origin' };
  if (body !== undefined) init.body = JSON.stringify(body);
  if (signal) init.signal = signal;
  let response: Response;
  try {
    response = await fetch(`/api/v1${path}`, init);
  } catch {
    throw broken(
      signal,
      'No answer',
      'Sluice cannot be reached. Check that it runs, then try again.',
    );
  }
  if (!response.ok) {
    if (response.status === 401 && path !== '/sessions') signedOut?.();
    throw await problemOf(response);
  }
  if (response.status === 204) return undefined as T;
  try {
    return (await response.json()) as T;
  } catch {
    throw broken(
      signal,
      'The answer broke off',
      'The connection to Sluice ended before the whole answer was there. Try again.',
    );
  }
}

export const api = {
  get: <T>(path: string, query?: Query) => send<T>('GET', withQuery(path, query)),
  /** Aborting `signal` closes the connection, which ends on the server what can be ended. */
  post: <T>(path: string, body?: unknown, signal?: AbortSignal) =>
    send<T>('POST', path, body ?? {}, signal),
  put: <T>(path: string, body: unknown) => send<T>('PUT', path, body),
  patch: <T>(path: string, body: unknown) => send<T>('PATCH', path, body),
  delete: <T>(path: string) => send<T>('DELETE', path),
};

/** Every page of a list, for lists that are short by nature (environments, projects, …). */
export async function all<T>(path: string, query: Query = {}): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<T> = await api.get<Page<T>>(path, { ...query, limit: 500, cursor });
    items.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor !== null);
  return items;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'Something went wrong.';
}
