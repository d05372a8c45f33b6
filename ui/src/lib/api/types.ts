// The device API as the screens know it. Written by hand until the device publishes its own description.

export interface Text {
  ar: string;
  en: string;
}

export interface ErrorBody {
  code: string;
  params?: Record<string, string>;
  request_id?: string | null;
}

export interface DeviceState {
  phase: 'new' | 'locked' | 'unlocked';
  version: string;
  enrolment: Enrolment | null;
}

export interface Enrolment {
  server: string;
  device: string;
  /** The account's name. */
  user: string;
  /** The person's name. */
  name: Text;
}

export type Language = 'ar' | 'en';
export type Theme = 'system' | 'light' | 'dark' | 'contrast';
export type Digits = 'latn' | 'arab';

export interface Settings {
  language: Language;
  theme: Theme;
  digits: Digits;
  lock_after_min: number;
}

export type VisitState =
  | 'planned'
  | 'assigned'
  | 'accepted'
  | 'in_progress'
  | 'submitted'
  | 'in_review'
  | 'returned'
  | 'validated'
  | 'counted'
  | 'declined'
  | 'cancelled'
  | 'exposed';

export type Model = 'in_person' | 'remote';
export type VisitKind = 'unannounced' | 'scheduled';

export type DeliveryState =
  'not_submitted' | 'waiting' | 'files_waiting' | 'sent' | 'conflict' | 'rejected';

export interface Delivery {
  state: DeliveryState;
  error: ErrorBody | null;
}

export interface VisitSummary {
  visit: string;
  cycle: string;
  centre_code: string;
  centre: Text;
  agency: Text;
  model: Model;
  kind: VisitKind;
  state: VisitState;
  from: string;
  to: string;
  answered: number;
  to_answer: number | null;
  questions: number;
  started_ms: number | null;
  ended_ms: number | null;
  report_due_ms: number | null;
  delivery: Delivery;
}

export interface Orphan {
  visit: string;
  answered: number;
}

export interface VisitList {
  visits: VisitSummary[];
  orphans: Orphan[];
}

export interface Brief {
  scenario: Text;
  persona: Text | null;
  answer_key: Text | null;
  safety: Text | null;
  max_minutes: number | null;
  report_within_h: number;
}

export interface AnswerView {
  criterion: string;
  value: boolean | number | string | null;
  na: string | null;
  ne: string | null;
  note: string | null;
  at_ms: number;
  earlier: number;
}

export interface MomentView {
  moment: string;
  at_ms: number;
}

export interface ContactView {
  contact: string;
  channel: string;
  moments: MomentView[];
  next: string[];
}

export interface Derived {
  criterion: string;
  value: string;
  spans: number;
}

export interface EvidenceView {
  criterion: string;
  sha256: string;
  kind: string;
  media_type: string;
  bytes: number;
  at_ms: number;
  sent: boolean;
}

export interface Missing {
  code: string;
  criterion: string | null;
  params?: Record<string, string>;
}

export interface SealView {
  number: number;
  revision: number;
  sha256: string;
  sealed_ms: number;
  outcome: 'applied' | 'conflict' | 'rejected' | null;
  complete_ms: number | null;
}

export interface QuestionView {
  criterion: string | null;
  text: string;
}

export interface VisitView {
  summary: VisitSummary;
  brief: Brief;
  rubric: { id: string; version: string; sha256: string };
  questions: QuestionView[];
  answers: AnswerView[];
  times: MomentView[];
  contacts: ContactView[];
  derived: Derived[];
  evidence: EvidenceView[];
  missing: Missing[];
  seals: SealView[];
}

export interface AnswerSaved {
  answer: AnswerView | null;
  missing: Missing[];
  state: VisitState;
}

export type ScaleKind =
  'yes_no' | 'met_partly_not' | 'level_0_5' | 'maturity' | 'timed' | 'percent';

export interface Scale {
  kind: ScaleKind;
  unit?: string;
  full_at?: number | string;
  zero_at?: number | string;
  target?: number | string;
}

export interface Measure {
  from: string;
  to: string;
  channel?: string;
}

export interface Criterion {
  id: string;
  name: Text;
  guidance: Text;
  weight: number | string;
  scale: Scale;
  anchors: Text[];
  visits: string[];
  evidence: { rule: 'none' | 'optional' | 'required'; kinds: string[] };
  critical?: 'cap' | 'fail' | null;
  basic: boolean;
  measure?: Measure | null;
  tags?: Record<string, string>;
}

export interface Pillar {
  id: string;
  name: Text;
  weight: number | string;
  criteria: Criterion[];
}

export interface Rubric {
  id: string;
  version: string;
  model: Model;
  title: Text;
  policy: Record<string, unknown>;
  levels: unknown[];
  pillars: Pillar[];
}

export interface AnswerInput {
  value?: boolean | number | string;
  na?: string;
  ne?: string;
  note?: string;
}

export type SyncStage = 'signing_in' | 'pushing' | 'pulling' | 'sending_files';

export interface SyncReport {
  applied: number;
  same: number;
  conflicts: number;
  rejected: number;
  files_sent: number;
  files_broken: string[];
  files_refused: { sha256: string; error: ErrorBody }[];
  pulled: number;
  repaired: string[];
  differing: string[];
}

export interface SyncStatus {
  tick: number;
  running: boolean;
  stage: SyncStage | null;
  done: number;
  total: number | null;
  report: SyncReport | null;
  error: ErrorBody | null;
  cancelled: boolean;
  finished_ms: number | null;
}

export interface LedgerEvaluation {
  visit: string;
  /** Null when the visit is granted no longer. */
  centre_code: string | null;
  centre: Text | null;
  number: number;
  revision: number;
  sha256: string;
  sealed_ms: number;
  delivery: Delivery;
}

export interface LedgerFile {
  sha256: string;
  media_type: string;
  bytes: number;
  visits: string[];
  sent_ms: number | null;
}

export interface Ledger {
  last_sync_ms: number | null;
  unsent_records: number;
  unsent_files: number;
  unsent_bytes: number;
  conflicts: number;
  rejections: number;
  evaluations: LedgerEvaluation[];
  files: LedgerFile[];
  orphans: Orphan[];
}

export interface VersionView {
  answer: AnswerView | null;
  times: MomentView[] | null;
  rev: number;
}

export interface ConflictView {
  operation: string;
  visit: string;
  centre_code: string | null;
  kind: 'answer' | 'timeline' | 'acceptance' | 'evaluation';
  criterion: string | null;
  ours: VersionView;
  theirs: VersionView;
  found_ms: number;
}

export interface Rejection {
  operation: string;
  visit: string;
  kind: string;
  criterion: string | null;
  error: ErrorBody;
  found_ms: number;
}

export interface BundleAnswer {
  applied: number;
  same: number;
  conflicts: number;
  rejected: number;
  files: number;
  pulled: number;
}
