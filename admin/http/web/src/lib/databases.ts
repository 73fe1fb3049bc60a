import { useQuery } from '@tanstack/react-query';
import type { DatabaseEntry, DatabaseSchema } from '@/types/model';
import { all, api } from './api';

export const useDatabases = (filter: { project?: number; instance?: number } = {}) =>
  useQuery({
    queryKey: ['databases', filter],
    queryFn: () => all<DatabaseEntry>('/databases', filter),
  });

export const useDatabase = (id: number | null) =>
  useQuery({
    queryKey: ['databases', id],
    queryFn: () => api.get<DatabaseEntry>(`/databases/${id ?? 0}`),
    enabled: id !== null,
  });

export const useSchema = (id: number | null) =>
  useQuery({
    queryKey: ['databases', id, 'schema'],
    queryFn: () => api.get<DatabaseSchema>(`/databases/${id ?? 0}/schema`),
    enabled: id !== null,
  });

/** What the editor completes: tables with their columns. */
export function completion(schema: DatabaseSchema | undefined): Record<string, string[]> {
  return Object.fromEntries(
    (schema?.tables ?? []).map((table) => [table.name, table.columns.map((column) => column.name)]),
  );
}
