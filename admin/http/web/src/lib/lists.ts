// Lists that several features show by name: asked once, kept under one key.
import { useQuery } from '@tanstack/react-query';
import type { Environment, Instance, Project, User } from '@/types/model';
import { all } from './api';
import { useSession } from './session';

export const useProjects = () =>
  useQuery({ queryKey: ['projects'], queryFn: () => all<Project>('/projects') });

export const useEnvironments = () =>
  useQuery({
    queryKey: ['environments'],
    queryFn: async () => {
      const list = await all<Environment>('/environments');
      return list.sort((a, b) => a.order - b.order);
    },
  });

export function useInstances() {
  const { may } = useSession();
  return useQuery({
    queryKey: ['instances'],
    queryFn: () => all<Instance>('/instances'),
    enabled: may('instances.read'),
  });
}

export function useUsers() {
  const { may } = useSession();
  return useQuery({
    queryKey: ['users'],
    queryFn: () => all<User>('/users'),
    enabled: may('users.read'),
  });
}
