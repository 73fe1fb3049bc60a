// The API's values as admin/http/openapi.yaml describes them.

export type WorkspaceRole = 'owner' | 'dba' | 'developer';
export type ProjectRole = 'owner' | 'developer' | 'viewer';

export interface User {
  id: number;
  name: string;
  email: string;
  role: WorkspaceRole;
  active: boolean;
  created_at: string;
}

export interface Me extends User {
  csrf_token: string;
  expires_at: string;
  permissions: string[];
}

export interface SignedIn {
  token: string;
  csrf_token: string;
  expires_at: string;
  user: User;
}

export interface Token {
  id: number;
  name: string;
  created_at: string;
  expires_at: string;
  token?: string;
}

export type Verdict = 'pass' | 'record' | 'review' | 'hold' | 'deny';
export type ActionGroup =
  'read' | 'session' | 'transaction' | 'dml' | 'ddl' | 'account' | 'server' | 'opaque';
export type VerdictRow = Record<ActionGroup, Verdict>;

export interface Gate {
  service: VerdictRow;
  human: VerdictRow;
  shadow: boolean;
  max_affected_rows: number;
  hold_seconds: number;
}

export type RuleLevel = 'error' | 'warning' | 'off';
export interface RuleSetting {
  level: RuleLevel;
  parameters: Record<string, unknown>;
}
export interface RuleParameter {
  name: string;
  kind: string;
  default: unknown;
  description: string;
}
export interface Rule {
  id: string;
  category: string;
  title: string;
  level: RuleLevel;
  parameters: RuleParameter[];
}

export interface Environment {
  id: number;
  name: string;
  order: number;
  approval: 'automatic' | 'manual';
  allow_self_approval: boolean;
  project_owner_may_approve: boolean;
  gate: Gate;
  review: Record<string, RuleSetting>;
  drift_interval_seconds: number;
}

export type TlsMode = 'disabled' | 'preferred' | 'required' | 'verify_ca' | 'verify_identity';

export interface Instance {
  id: number;
  name: string;
  engine: 'mysql' | 'postgres';
  environment: number;
  host: string;
  port: number;
  username: string;
  tls: { mode: TlsMode; ca: string; cert: string };
  state: { up: boolean; version: string } | null;
}

export interface Finding {
  severity: string;
  title: string;
  detail: string;
}
export interface InstanceTest {
  ok: boolean;
  version: string;
  flavor: string;
  findings: Finding[];
}

export interface Project {
  id: number;
  name: string;
  key: string;
  mode: 'standard' | 'tenant';
}
export interface Member {
  user: number;
  name: string;
  email: string;
  role: ProjectRole;
}

export interface Account {
  id: number;
  name: string;
  kind: 'service' | 'human';
  user: number | null;
  instances: string[] | null;
  databases: string[] | null;
  require_tls: boolean;
  may_replicate: boolean;
  disabled: boolean;
  created_at: string;
}

export interface AuditEntry {
  id: number;
  time: string;
  actor: string;
  action: string;
  target: string;
  outcome: string;
  detail: string;
  previous_hash: string;
  hash: string;
}
export interface AuditVerdict {
  ok: boolean;
  entries: number;
  first_bad: number | null;
}

export interface Connection {
  id: number;
  account: string;
  host: string;
  program: string;
  instance: string;
  schema: string;
  state: string;
  tls: boolean;
  connected_at: string;
  statements: number;
  backend_id: number | null;
}
