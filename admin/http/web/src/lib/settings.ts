// What the workspace's owners have set for all of it.
import { useQuery } from '@tanstack/react-query';
import type { WorkspaceSettings } from '@/types/model';
import { api } from './api';

export const useSettings = () =>
  useQuery({
    queryKey: ['settings'],
    queryFn: () => api.get<WorkspaceSettings>('/settings'),
    staleTime: 60_000,
  });
