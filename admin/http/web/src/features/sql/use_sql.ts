// Running statements from the editor, and their plans.
import { useMutation } from '@tanstack/react-query';
import { api } from '@/lib/api';
import type { SqlAnswer, SqlResult } from '@/types/model';

export interface SqlCall {
  database: number;
  statement: string;
  mode: 'read' | 'admin';
  limit: number;
}

/** A call under way: aborting its signal ends the statement on its server. */
export interface Started {
  call: SqlCall;
  signal: AbortSignal;
}

const send = ({ call, signal }: Started) =>
  api.post<SqlAnswer>('/sql', { ...call, timeout_seconds: 600 }, signal);

export function useRun(onEnd: (call: SqlCall, answer: SqlAnswer | Error) => void) {
  return useMutation({
    mutationFn: send,
    onSuccess: (answer, { call }) => onEnd(call, answer),
    onError: (error, { call }) => onEnd(call, error),
  });
}

export interface Plan {
  table: SqlResult;
  json: string;
}

/** The statement in the table form and the JSON form; neither runs it. */
export function useExplain() {
  return useMutation({
    mutationFn: async ({ call, signal }: Started): Promise<Plan> => {
      const statement = call.statement.trim().replace(/;\s*$/, '');
      const ask = (how: string) =>
        send({ call: { ...call, mode: 'read', statement: `EXPLAIN ${how}${statement}` }, signal });
      const json = await ask('FORMAT=JSON ');
      // MySQL's default form may be another one; MariaDB knows only its own.
      const table = await ask('FORMAT=TRADITIONAL ').catch(() => ask(''));
      const cell = json.rows[0]?.[0];
      return { table, json: typeof cell === 'string' ? cell : '' };
    },
  });
}
