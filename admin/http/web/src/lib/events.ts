// Server-sent events: what changed is asked anew, so that pages follow without a reload.

import type { QueryClient } from '@tanstack/react-query';

// The first part of the keys of the queries that a topic makes stale.
const stale: Record<string, readonly string[]> = {
  account: ['accounts'],
  anomaly: ['anomalies', 'databases'],
  change: ['changes', 'databases', 'anomalies'],
  connection: ['connections'],
  database: ['databases'],
  environment: ['environments'],
  instance: ['instances', 'databases'],
  // A task's end makes databases, and ends drift.
  issue: ['issues', 'changes', 'databases', 'anomalies'],
  project: ['projects'],
  settings: ['settings'],
  task: ['issues', 'changes', 'databases', 'anomalies'],
  user: ['users', 'me'],
};

export function keysOf({ topic }: { topic: string }): readonly string[] {
  return stale[topic] ?? [];
}

/** Listens until the returned function is called. The browser reconnects by itself. */
export function follow(client: QueryClient, onState: (live: boolean) => void): () => void {
  const source = new EventSource('/api/v1/events', { withCredentials: true });
  let wasDown = false;
  source.onopen = () => {
    onState(true);
    // What happened while nobody listened is not known: everything is asked anew.
    if (wasDown) void client.invalidateQueries();
    wasDown = false;
  };
  source.onerror = () => {
    wasDown = true;
    onState(false);
  };
  // Each event has its topic's name: `onmessage` would hear of none.
  for (const topic of Object.keys(stale)) {
    source.addEventListener(topic, () => {
      for (const key of keysOf({ topic })) void client.invalidateQueries({ queryKey: [key] });
    });
  }
  source.addEventListener('reset', () => void client.invalidateQueries());
  return () => source.close();
}
