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

export type IssueType =
  'database.create' | 'schema.update' | 'data.update' | 'data.rollback' | 'schema.baseline';
export type IssueStatus = 'open' | 'done' | 'canceled';
export type TaskStatus =
  | 'pending_approval'
  | 'pending'
  | 'running'
  | 'done'
  | 'failed'
  | 'canceled'
  | 'skipped'
  | 'needs_person';

export interface Person {
  id: number;
  name: string;
  email: string;
}
export interface Named {
  id: number | null;
  name: string;
}

export interface Issue {
  id: number;
  project: number;
  type: IssueType;
  title: string;
  description: string;
  status: IssueStatus;
  creator: Person | null;
  source: string;
  rollback: boolean;
  rollback_of: number | null;
  earliest_start: string | null;
  created_at: string;
  updated_at: string;
}
export interface TaskCheck {
  kind: string;
  status: 'passed' | 'warning' | 'error';
  title: string;
  detail: string;
  line: number;
  column: number;
  checked_at: string;
}
export interface Task {
  id: number;
  stage: number;
  instance: Named;
  database: Named;
  character_set: string;
  collation: string;
  status: TaskStatus;
  statement: string;
  statement_bytes: number;
  statement_cut: boolean;
  editor: Person | null;
  checks_status: 'not_run' | 'running' | 'passed' | 'warning' | 'error';
  checks: TaskCheck[];
  cancel_requested: boolean;
  statements_done: number;
  attempts: number;
  reason: string;
  change: number | null;
  started_at: string | null;
  ended_at: string | null;
}
export interface Stage {
  id: number;
  environment: Named;
  tasks: Task[];
}
export interface IssueDetail extends Issue {
  stages: Stage[];
  approval: {
    status: 'none' | 'pending' | 'approved' | 'rejected';
    decisions: {
      task: number;
      user: Person | null;
      decision: 'approved' | 'rejected';
      reason: string;
      void: boolean;
      created_at: string;
    }[];
  };
  comments: { id: number; user: Person | null; text: string; created_at: string }[];
  activity: {
    id: number;
    task: number | null;
    user: Person | null;
    kind: string;
    detail: string;
    created_at: string;
  }[];
}

export interface ReviewFinding {
  rule: string;
  level: 'warning' | 'error';
  title: string;
  detail: string;
  line: number;
  column: number;
  statement: number;
}
export interface Review {
  findings: ReviewFinding[];
  statements: number;
  expected_rows: number;
}

export interface Change {
  id: number;
  version: string;
  type: IssueType;
  status: 'done' | 'failed' | 'canceled';
  source: string;
  actor: string;
  project: number;
  instance: Named;
  database: Named;
  issue: number | null;
  task: number | null;
  affected_rows: number;
  schema_changed: boolean;
  server_version: string;
  thread_id: number;
  binlog: {
    before: { file: string; position: number } | null;
    after: { file: string; position: number } | null;
  };
  gtids: string;
  error: string;
  started_at: string;
  duration_us: number;
}
export interface RanStatement {
  index: number;
  line: number;
  state: string;
  affected_rows?: number | null;
  warnings?: number;
  gtid?: string;
  error?: string;
  duration_us?: number;
}
export interface ChangeDetail extends Change {
  statement: string;
  statements: RanStatement[];
  schema_before: string;
  schema_after: string;
  diff: string;
}

export interface DatabaseEntry {
  id: number;
  instance: number;
  name: string;
  project: number;
  character_set: string;
  collation: string;
  labels: Record<string, string>;
  present: boolean;
  synced_at: string;
  schema_version: string;
  schema_recorded_at: string | null;
}
export interface SchemaTable {
  name: string;
  engine: string;
  comment: string;
  columns: { name: string; type: string; nullable: boolean; comment: string }[];
  indexes: { name: string; unique: boolean; columns: string[] }[];
}
export interface DatabaseSchema {
  database: number;
  server_version: string;
  text: string;
  tables: SchemaTable[];
  views: string[];
  recorded_at: string | null;
  findings: { object: string; detail: string }[];
}

export interface Anomaly {
  id: number;
  kind: string;
  status: 'open' | 'resolved';
  severity: 'info' | 'warning' | 'error';
  instance: number;
  database: number | null;
  title: string;
  detail: string;
  objects: string[];
  opened_at: string;
  last_seen_at: string;
  resolved_at: string | null;
}
export interface AnomalyDetail extends Anomaly {
  diff: string;
  recorded: string;
  live: string;
  revert: string;
  adopt: string;
}

export type SqlCell = string | number | boolean | null | { base64: string };
export interface SqlResult {
  columns: { name: string; type: string; binary: boolean }[];
  rows: SqlCell[][];
  truncated: boolean;
  affected_rows: number;
  warnings: number;
}
export interface SqlAnswer extends SqlResult {
  more_results: SqlResult[];
  duration_us: number;
}
