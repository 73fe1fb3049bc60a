import { useQuery } from '@tanstack/react-query';
import type { About } from '@/types/model';
import { api } from './api';

export const useAbout = () =>
  useQuery({
    queryKey: ['about'],
    queryFn: () => api.get<About>('/about'),
    staleTime: 60_000,
  });
