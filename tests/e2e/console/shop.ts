// A workspace as a team has it after its first day: people, an instance, a project with one database.
import type { Server, Workspace } from './servers';

export const password = 'correct horse battery';

export interface Shop {
  /** The owner's token: Ada, ada@example.org. */
  owner: string;
  instance: number;
  project: number;
  database: number;
  post: (path: string, body: unknown) => Promise<{ id: number }>;
}

/** REQUIRES: the workspace has started and is empty; the server has a database `shop`. */
export async function openShop(
  workspace: Workspace,
  server: Server,
  environment: string,
): Promise<Shop> {
  const setup = await fetch(`${workspace.url}/api/v1/setup`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ name: 'Ada', email: 'ada@example.org', password }),
  });
  const owner = ((await setup.json()) as { token: string }).token;
  const post = async (path: string, body: unknown) =>
    (await workspace.api(owner, 'POST', path, body)) as { id: number };
  const instance = await post('/instances', {
    name: 'main',
    engine: 'mysql',
    environment,
    host: server.host,
    port: server.port,
    username: server.user,
    password: server.password,
  });
  const project = await post('/projects', { name: 'Shop', key: 'SHOP' });
  await post(`/instances/${instance.id}/sync`, {});
  const found = (await workspace.api(owner, 'GET', '/databases?name=shop')) as {
    items: { id: number }[];
  };
  const database = found.items[0]?.id ?? 0;
  await workspace.api(owner, 'PATCH', `/databases/${database}`, {
    project: project.id,
  });
  return { owner, instance: instance.id, project: project.id, database, post };
}
