// Who is signed in, and what they may do.

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, useContext, useEffect, useMemo, type ReactNode } from 'react';
import type { Me } from '@/types/model';
import { api, onSignedOut, Problem, setCsrf } from './api';

export interface Session {
  me: Me | null;
  may: (permission: string) => boolean;
}

const Context = createContext<Session>({ me: null, may: () => false });

export function useSession(): Session {
  return useContext(Context);
}

/** The signed-in person; only below pages that nobody else reaches. */
export function useMe(): Me {
  const { me } = useSession();
  if (!me) throw new Error('nobody is signed in');
  return me;
}

export function useMeQuery() {
  return useQuery({
    queryKey: ['me'],
    staleTime: 60_000,
    queryFn: async () => {
      try {
        const me = await api.get<Me>('/me');
        setCsrf(me.csrf_token);
        return me;
      } catch (error) {
        if (error instanceof Problem && error.status === 401) return null;
        throw error;
      }
    },
  });
}

export function SessionProvider({ me, children }: { me: Me | null; children: ReactNode }) {
  const client = useQueryClient();
  useEffect(() => onSignedOut(() => client.setQueryData(['me'], null)), [client]);
  const session = useMemo(
    () => ({ me, may: (permission: string) => me?.permissions.includes(permission) ?? false }),
    [me],
  );
  return <Context.Provider value={session}>{children}</Context.Provider>;
}
