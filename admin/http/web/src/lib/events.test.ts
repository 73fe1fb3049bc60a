import { QueryClient } from '@tanstack/react-query';
import { afterEach, expect, it, vi } from 'vitest';
import { follow, keysOf } from './events';

class FakeSource {
  static last: FakeSource;
  onopen?: () => void;
  onerror?: () => void;
  listeners = new Map<string, () => void>();
  closed = false;
  constructor() {
    FakeSource.last = this;
  }
  addEventListener(topic: string, listener: () => void) {
    this.listeners.set(topic, listener);
  }
  close() {
    this.closed = true;
  }
}

afterEach(() => vi.unstubAllGlobals());

it('knows which queries a topic makes stale', () => {
  expect(keysOf({ topic: 'task' })).toEqual(['issues', 'changes', 'databases', 'anomalies']);
  expect(keysOf({ topic: 'widget' })).toEqual([]);
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
  // As EventHub writes it: `event: project`.
  source.listeners.get('project')?.();
  expect(asked).toHaveBeenLastCalledWith({ queryKey: ['projects'] });
  source.onerror?.();
  source.onopen?.();
  expect(asked).toHaveBeenLastCalledWith();
  expect(states).toEqual([true, false, true]);
  source.listeners.get('reset')?.();
  expect(asked).toHaveBeenLastCalledWith();
  stop();
  expect(source.closed).toBe(true);
});
