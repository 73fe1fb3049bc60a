import { QueryClient } from '@tanstack/react-query';
import { afterEach, expect, it, vi } from 'vitest';
import { follow, keysOf } from './events';

class FakeSource {
  static last: FakeSource;
  onopen?: () => void;
  onerror?: () => void;
  onmessage?: (message: { data: string }) => void;
  closed = false;
  constructor() {
    FakeSource.last = this;
  }
  close() {
    this.closed = true;
  }
}

afterEach(() => vi.unstubAllGlobals());

it('knows which queries a topic makes stale', () => {
  expect(keysOf({ topic: 'task' })).toEqual(['issues', 'changes']);
  expect(keysOf({ topic: 'widget' })).toEqual(['widgets']);
});

it('asks anew what changed, and everything after a gap', () => {
  vi.stubGlobal('EventSource', FakeSource);
  const client = new QueryClient();
  const asked = vi.spyOn(client, 'invalidateQueries').mockResolvedValue();
  const states: boolean[] = [];
  const stop = follow(client, (live) => states.push(live));
  const source = FakeSource.last;
  source.onopen?.();
  expect(asked).not.toHaveBeenCalled();
  source.onmessage?.({ data: '{"topic":"project","id":1,"project":1,"what":"updated"}' });
  expect(asked).toHaveBeenLastCalledWith({ queryKey: ['projects'] });
  source.onerror?.();
  source.onopen?.();
  expect(asked).toHaveBeenLastCalledWith();
  expect(states).toEqual([true, false, true]);
  stop();
  expect(source.closed).toBe(true);
});
