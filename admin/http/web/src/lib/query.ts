import { QueryClient } from '@tanstack/react-query';
import { Problem } from './api';

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      // What the server refused stays refused; what could not be reached is tried again.
      retry: (count, error) =>
        count < 2 && (!(error instanceof Problem) || error.status === 0 || error.status === 503),
    },
  },
});
