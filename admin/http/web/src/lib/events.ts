// Server-sent events: what changed is asked anew, so that pages follow without a reload.

import type { QueryClient } from '@tanstack/react-query';

export interface ChangeEvent {
  topic: string;
  id: number;
  project: number;
  what: string;
}

// The first part of the keys of the queries that a topic makes stale.
const stale: Record<string, readonly string[]> = {
  account: ['accounts'],
  anomaly: ['anomalies', 'databases'],
  change: ['changes', 'databases'],
  connection: ['connections'],
  database: ['databases'],
  environment: ['environments'],
  instance: ['instances', 'databases'],
  issue: ['issues', 'changes'],
  project: ['projects'],
  task: ['issues', 'changes'],
  user: ['users', 'me'],
};

export function keysOf(event: Pick<ChangeEvent, 'topic'>): readonly string[] {
  return stale[event.topic] ?? [`${event.topic}s`];
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
  source.onmessage = (message: MessageEvent<string>) => {
    const event = JSON.parse(message.data) as ChangeEvent;
    for (const key of keysOf(event)) void client.invalidateQueries({ queryKey: [key] });
  };
  return () => source.close();
}
