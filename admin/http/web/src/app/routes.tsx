import { createBrowserRouter, useRouteError } from 'react-router-dom';
import { Failed } from '@/components/ui/states';
import { Layout } from './layout';
import { Home } from './pages/home';

function Broken() {
  return <Failed error={useRouteError()} />;
}

// A page's code is fetched when the page is opened.
export const router = createBrowserRouter([
  {
    path: '/',
    element: <Layout />,
    errorElement: <Broken />,
    hydrateFallbackElement: <></>,
    children: [
      { index: true, element: <Home /> },
      {
        path: 'projects',
        lazy: async () => ({ Component: (await import('./pages/projects')).Projects }),
      },
      {
        path: 'projects/:id',
        lazy: async () => ({ Component: (await import('./pages/project')).ProjectPage }),
      },
      {
        path: 'instances',
        lazy: async () => ({ Component: (await import('./pages/instances')).Instances }),
      },
      {
        path: 'instances/:id',
        lazy: async () => ({ Component: (await import('./pages/instance')).InstancePage }),
      },
      {
        path: 'environments',
        lazy: async () => ({ Component: (await import('./pages/environments')).Environments }),
      },
      {
        path: 'environments/:id',
        lazy: async () => ({ Component: (await import('./pages/environment')).EnvironmentPage }),
      },
      {
        path: 'connections',
        lazy: async () => ({ Component: (await import('./pages/connections')).Activity }),
      },
      {
        path: 'accounts',
        lazy: async () => ({ Component: (await import('./pages/accounts')).Accounts }),
      },
      { path: 'undo', lazy: async () => ({ Component: (await import('./pages/undo')).Undo }) },
      { path: 'users', lazy: async () => ({ Component: (await import('./pages/users')).Users }) },
      { path: 'audit', lazy: async () => ({ Component: (await import('./pages/audit')).Audit }) },
      {
        path: 'profile',
        lazy: async () => ({ Component: (await import('./pages/profile')).Profile }),
      },
      {
        path: 'settings',
        lazy: async () => ({ Component: (await import('./pages/settings')).Settings }),
      },
      {
        path: 'about',
        lazy: async () => ({ Component: (await import('./pages/about')).AboutPage }),
      },
      {
        path: 'projects/:id/new',
        lazy: async () => ({ Component: (await import('./pages/new_issue')).NewIssue }),
      },
      {
        path: 'issues',
        lazy: async () => ({ Component: (await import('./pages/issues')).Issues }),
      },
      {
        path: 'issues/:id',
        lazy: async () => ({ Component: (await import('./pages/issue')).IssuePage }),
      },
      {
        path: 'changes/:id',
        lazy: async () => ({ Component: (await import('./pages/change')).ChangePage }),
      },
      {
        path: 'databases',
        lazy: async () => ({ Component: (await import('./pages/databases')).Databases }),
      },
      {
        path: 'databases/:id',
        lazy: async () => ({ Component: (await import('./pages/database')).DatabasePage }),
      },
      {
        path: 'sql',
        lazy: async () => ({ Component: (await import('./pages/sql_editor')).SqlEditorPage }),
      },
      {
        path: 'anomalies',
        lazy: async () => ({ Component: (await import('./pages/anomalies')).Anomalies }),
      },
      {
        path: 'anomalies/:id',
        lazy: async () => ({ Component: (await import('./pages/anomaly')).AnomalyPage }),
      },
      { path: '*', lazy: async () => ({ Component: (await import('./pages/missing')).Missing }) },
    ],
  },
]);
