import { afterEach, describe, expect, it, vi } from 'vitest';
import { all, api, Cancelled, onSignedOut, Problem, setCsrf, withQuery } from './api';

function answer(status: number, body: unknown, type = 'application/json'): Response {
  return new Response(body === undefined ? null : JSON.stringify(body), {
    status,
    headers: { 'content-type': type },
  });
}

afterEach(() => vi.unstubAllGlobals());

describe('withQuery', () => {
  it('leaves out what is not set', () => {
    expect(withQuery('/issues', { status: 'open', project: undefined, cursor: null })).toBe(
      '/issues?status=open',
    );
    expect(withQuery('/issues')).toBe('/issues');
  });
});

describe('api', () => {
  it('sends the CSRF token with what changes something, and not with reads', async () => {
    const fetched = vi.fn(() => Promise.resolve(answer(200, {})));
    vi.stubGlobal('fetch', fetched);
    setCsrf('abc');
    await api.get('/me');
    await api.post('/projects', { name: 'x' });
    const headers = fetched.mock.calls.map(
      (call) => (call as unknown as [string, RequestInit])[1].headers as Record<string, string>,
    );
    expect(headers[0]).not.toHaveProperty('X-CSRF-Token');
    expect(headers[1]).toMatchObject({ 'X-CSRF-Token': 'abc', 'Content-Type': 'application/json' });
  });

  it('tells what was given up from what failed, before an answer and within it', async () => {
    const giver = new AbortController();
    const half = () =>
      new Response(
        new ReadableStream({
          start: (body) => {
            body.enqueue(new TextEncoder().encode('{"rows": ['));
            body.error(new TypeError('network error'));
          },
        }),
      );
    vi.stubGlobal('fetch', () => Promise.resolve(half()));
    await expect(api.post('/sql', {}, giver.signal)).rejects.toThrow(/before the whole answer/);
    const fetched = vi.fn((_: string, init: RequestInit) => {
      expect(init.signal).toBe(giver.signal);
      return Promise.reject(new DOMException('', 'AbortError'));
    });
    vi.stubGlobal('fetch', fetched);
    await expect(api.post('/sql', {}, giver.signal)).rejects.toThrow(/cannot be reached/);
    giver.abort();
    await expect(api.post('/sql', {}, giver.signal)).rejects.toBeInstanceOf(Cancelled);
    vi.stubGlobal('fetch', () => Promise.resolve(half()));
    await expect(api.post('/sql', {}, giver.signal)).rejects.toBeInstanceOf(Cancelled);
  });

  it('turns a problem document into an error that knows its fields', async () => {
    vi.stubGlobal('fetch', () =>
      Promise.resolve(
        answer(
          400,
          {
            title: 'Bad Request',
            detail: 'See errors.',
            errors: [{ field: 'name', message: 'is taken' }],
          },
          'application/problem+json',
        ),
      ),
    );
    const error = await api.post('/projects').catch((e: unknown) => e);
    expect(error).toBeInstanceOf(Problem);
    expect((error as Problem).field('name')).toBe('is taken');
    expect((error as Problem).message).toBe('See errors.');
  });

  it('tells once that nobody is signed in, but not for a wrong password', async () => {
    const told = vi.fn();
    onSignedOut(told);
    vi.stubGlobal('fetch', () => Promise.resolve(answer(401, { detail: 'Sign in.' })));
    await expect(api.post('/sessions', {})).rejects.toThrow('Sign in.');
    expect(told).not.toHaveBeenCalled();
    await expect(api.get('/me')).rejects.toThrow('Sign in.');
    expect(told).toHaveBeenCalledOnce();
  });

  it('says so when there is no server', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('failed')));
    await expect(api.get('/me')).rejects.toThrow('cannot be reached');
  });
});

describe('all', () => {
  it('follows the cursor to the end', async () => {
    const pages = [
      { items: [1, 2], next_cursor: '2' },
      { items: [3], next_cursor: null },
    ];
    const asked: string[] = [];
    vi.stubGlobal('fetch', (url: string) => {
      asked.push(url);
      return Promise.resolve(answer(200, pages[asked.length - 1]));
    });
    await expect(all<number>('/projects')).resolves.toEqual([1, 2, 3]);
    expect(asked[1]).toContain('cursor=2');
  });
});
