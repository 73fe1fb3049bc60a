// The pages of the navigation. `needs`: the permission without which a page would show nothing.
import {
  IconActivityHeartbeat,
  IconDatabase,
  IconAdjustments,
  IconAlertTriangle,
  IconArrowBackUp,
  IconFolder,
  IconHome,
  IconInfoCircle,
  IconKey,
  IconListCheck,
  IconServer,
  IconShieldCheck,
  IconStack2,
  IconTerminal2,
  IconUsers,
  type Icon,
} from '@tabler/icons-react';

export interface Place {
  to: string;
  label: string;
  group: string;
  icon: Icon;
  needs?: string;
  /** Two keys in a row that go there. */
  keys: [string, string];
}

export const places: Place[] = [
  { to: '/', label: 'Home', group: '', icon: IconHome, keys: ['g', 'h'] },
  { to: '/projects', label: 'Projects', group: '', icon: IconFolder, keys: ['g', 'p'] },
  { to: '/databases', label: 'Databases', group: '', icon: IconDatabase, keys: ['g', 'd'] },
  { to: '/issues', label: 'Issues', group: '', icon: IconListCheck, keys: ['g', 'i'] },
  {
    to: '/sql',
    label: 'SQL Editor',
    group: '',
    icon: IconTerminal2,
    keys: ['g', 'q'],
  },
  {
    to: '/anomalies',
    label: 'Anomaly Center',
    group: '',
    icon: IconAlertTriangle,
    keys: ['g', 'n'],
  },
  {
    to: '/instances',
    label: 'Instances',
    group: 'Servers',
    icon: IconServer,
    needs: 'instances.read',
    keys: ['g', 's'],
  },
  {
    to: '/environments',
    label: 'Environments',
    group: 'Servers',
    icon: IconStack2,
    needs: 'environments.read',
    keys: ['g', 'e'],
  },
  {
    to: '/connections',
    label: 'Activity',
    group: 'Gate',
    icon: IconActivityHeartbeat,
    needs: 'connections.read',
    keys: ['g', 'c'],
  },
  {
    to: '/undo',
    label: 'Undo changes',
    group: 'Gate',
    icon: IconArrowBackUp,
    needs: 'sql.admin',
    keys: ['g', 'z'],
  },
  {
    to: '/accounts',
    label: 'Accounts',
    group: 'Gate',
    icon: IconKey,
    needs: 'accounts.manage',
    keys: ['g', 'a'],
  },
  {
    to: '/users',
    label: 'Users',
    group: 'Workspace',
    icon: IconUsers,
    needs: 'users.read',
    keys: ['g', 'u'],
  },
  {
    to: '/settings',
    label: 'Settings',
    group: 'Workspace',
    icon: IconAdjustments,
    needs: 'instances.manage',
    keys: ['g', 't'],
  },
  {
    to: '/about',
    label: 'About',
    group: 'Workspace',
    icon: IconInfoCircle,
    keys: ['g', 'b'],
  },
  {
    to: '/audit',
    label: 'Audit log',
    group: 'Workspace',
    icon: IconShieldCheck,
    needs: 'audit.read',
    keys: ['g', 'l'],
  },
];
