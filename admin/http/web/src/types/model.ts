// The API's values under short names. api.d.ts is generated from admin/http/openapi.yaml (`npm run
// types`, which linting and building do first): it is in no commit, so that it cannot be stale.
import type { components } from './api';

type Schemas = components['schemas'];

export type WorkspaceRole = Schemas['Role'];
export type ProjectRole = Schemas['ProjectRole'];
export type User = Schemas['User'];
export type Me = Schemas['Me'];
export type SignedIn = Schemas['Session'];
export type Token = Schemas['Token'] & Partial<Pick<Schemas['MadeToken'], 'token'>>;

// What is answered names every group; what is sent may leave some out.
export type Verdict = Schemas['Verdict'];
export type VerdictRow = Required<Schemas['VerdictRow']>;
export type ActionGroup = keyof VerdictRow;
export type Gate = Required<Omit<Schemas['Gate'], 'service' | 'human'>> & {
  service: VerdictRow;
  human: VerdictRow;
};
export type RuleSetting = Omit<Schemas['RuleSetting'], 'parameters'> & {
  parameters: Record<string, unknown>;
};
export type RuleLevel = RuleSetting['level'];
export type RuleParameter = Omit<Schemas['RuleParameter'], 'default'> & { default: unknown };
export type Rule = Omit<Schemas['Rule'], 'parameters'> & { parameters: RuleParameter[] };
export type DriftSettings = Schemas['DriftSettings'];
export type RollbackLimits = Schemas['RollbackLimits'];
export type Environment = Omit<Schemas['Environment'], 'gate' | 'review'> & {
  gate: Gate;
  review: Record<string, RuleSetting>;
};

export type TlsMode = Schemas['TlsMode'];
export type Instance = Schemas['Instance'];
export type Finding = Schemas['InstanceFinding'];
export type InstanceTest = Schemas['InstanceReport'];

export type Project = Schemas['Project'];
export type Member = Schemas['Member'];
export type Account = Schemas['Account'];
export type AuditEntry = Schemas['AuditEntry'];
export type AuditVerdict = Schemas['AuditVerdict'];
export type Connection = Schemas['Connection'];
export type Digest = Schemas['Digest'];

export type Issue = Schemas['Issue'];
export type IssueType = Issue['type'];
export type IssueStatus = Issue['status'];
export type IssueDetail = Schemas['IssueDetail'];
export type Stage = Schemas['Stage'];
export type Task = Schemas['Task'];
export type TaskStatus = Task['status'];
export type TaskCheck = Schemas['TaskCheck'];
export type TaskProgress = Schemas['TaskProgress'];
export type About = Schemas['About'];
export type WorkspaceSettings = Schemas['WorkspaceSettings'];
export type RowChoice = Schemas['RowChoice'];
export type Person = NonNullable<Issue['creator']>;

export type ReviewFinding = Schemas['Finding'];
export type Review = Schemas['ReviewReport'];
export type Change = Schemas['Change'];
export type ChangeDetail = Schemas['ChangeDetail'];
export type RanStatement = Schemas['RanStatement'];

export type DatabaseEntry = Schemas['DatabaseEntry'];
export type DatabaseSchema = Schemas['DatabaseSchema'];
export type SchemaTable = Schemas['SchemaTable'];
export type SchemaColumn = Schemas['SchemaColumn'];
export type SchemaIndex = Schemas['SchemaIndex'];
export type IndexPart = Schemas['IndexPart'];
export type IndexKind = Schemas['IndexKind'];
export type ForeignKey = Schemas['ForeignKey'];
export type ReferentialAction = Schemas['ReferentialAction'];
export type SchemaEdit = Schemas['SchemaEdit'];
export type TableEdit = Schemas['TableEdit'];
export type SchemaDdl = Schemas['SchemaDdl'];

export type Anomaly = Schemas['Anomaly'];
export type AnomalyDetail = Schemas['AnomalyDetail'];

/** A column that is binary has objects, all others plain values; a number that would be rounded is a text. */
export type SqlCell = string | number | boolean | null | { base64: string };
type WithRows<T> = Omit<T, 'rows' | 'more_results'> & { rows: SqlCell[][] };
export type SqlResult = WithRows<Schemas['SqlResult']>;
export type SqlAnswer = WithRows<Schemas['SqlAnswer']> & { more_results: SqlResult[] };

export type RollbackPreview = Schemas['RollbackPreview'];
export type TaskRollback = Schemas['TaskRollback'];
export type RollbackRow = Schemas['RollbackRow'];
