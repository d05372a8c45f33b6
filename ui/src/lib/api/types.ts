// The shapes of the device API by the names the screens use. They are the device's own description,
// so a change there is an error here.
import type { components } from '$lib/api/generated/device';

type Schemas = components['schemas'];

/** `Shape` with words in place of text: a word must be one of the texts, its field one of the shape's. */
type Worded<
  Shape,
  Words extends { [Field in keyof Words]: Field extends keyof Shape ? Shape[Field] : never },
> = Omit<Shape, keyof Words> & Words;

export type Text = Schemas['TextJson'];
export type ErrorBody = Schemas['ErrorBody'];

export type DeviceState = Schemas['DeviceState'];
export type Language = Schemas['Language'];
export type Theme = Schemas['Theme'];
export type Digits = Schemas['Digits'];
export type Settings = Schemas['Settings'];

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
export type DeliveryState = Schemas['DeliveryState'];
export type Delivery = Schemas['Delivery'];

export type VisitSummary = Worded<
  Schemas['VisitSummary'],
  { state: VisitState; model: Model; kind: VisitKind }
>;
export type Orphan = Schemas['Orphan'];
export type VisitList = Worded<Schemas['VisitList'], { visits: VisitSummary[] }>;

export type Brief = Schemas['Brief'];
export type AnswerView = Schemas['AnswerView'];
export type AnswerInput = Schemas['AnswerGiven'];
export type AnswerSaved = Worded<Schemas['AnswerSaved'], { state: VisitState }>;
export type MomentView = Schemas['MomentView'];
export type ContactView = Schemas['ContactView'];
export type Derived = Schemas['Derived'];
export type EvidenceView = Schemas['EvidenceView'];
export type Missing = Schemas['Missing'];
export type SealView = Schemas['SealView'];
export type QuestionView = Schemas['Question'];
export type VisitView = Worded<Schemas['VisitView'], { summary: VisitSummary }>;

export type ScaleKind = Schemas['ScaleKindView'];
export type Scale = Schemas['ScaleView'];
export type Measure = Schemas['MeasureView'];
export type Criterion = Schemas['CriterionView'];
export type Pillar = Schemas['PillarView'];
export type Rubric = Worded<Schemas['RubricView'], { model: Model }>;

export type SyncStage = Schemas['SyncStage'];
export type SyncReport = Schemas['SyncReport'];
export type SyncStatus = Schemas['SyncStatus'];
export type Ledger = Schemas['Ledger'];
export type LedgerEvaluation = Schemas['SealedView'];
export type LedgerFile = Schemas['FileView'];
export type VersionView = Schemas['VersionView'];
export type ConflictView = Schemas['ConflictView'];
export type Kept = Schemas['Kept'];
export type Rejection = Schemas['RejectionView'];
export type RefusedFile = Schemas['RefusedFile'];
export type BundleReport = Schemas['BundleReport'];

/** What the device tells as the screens know it: with words where the description has text. */
export type Known<Told> = Told extends Schemas['VisitView']
  ? VisitView
  : Told extends Schemas['VisitList']
    ? VisitList
    : Told extends Schemas['AnswerSaved']
      ? AnswerSaved
      : Told extends Schemas['RubricView']
        ? Rubric
        : Told;
