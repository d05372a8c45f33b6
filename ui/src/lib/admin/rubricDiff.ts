/** What has changed from one version of a rubric to another: criteria added, removed and changed. */
import type { RubricFile } from '$lib/api/central/admin';
import type { Criterion, Text } from '$lib/api/types';

export type Field =
  | 'name'
  | 'guidance'
  | 'weight'
  | 'scale'
  | 'anchors'
  | 'visits'
  | 'evidence'
  | 'critical'
  | 'pillar';
const FIELDS: readonly Field[] = [
  'name',
  'guidance',
  'pillar',
  'weight',
  'scale',
  'anchors',
  'visits',
  'evidence',
  'critical',
];

/** How a field reads in the reader's language. */
export type Reading = (field: Field, criterion: Criterion, pillar: string) => string;

export interface FieldChange {
  field: Field;
  before: string;
  after: string;
}
export interface CriterionChange {
  id: string;
  name: Text;
  fields: FieldChange[];
}
export interface RubricDiff {
  added: Criterion[];
  removed: Criterion[];
  changed: CriterionChange[];
  /** How many criteria are the same in both. */
  same: number;
}

interface Placed {
  criterion: Criterion;
  pillar: string;
}
const placed = (rubric: RubricFile): Map<string, Placed> =>
  new Map(
    rubric.pillars.flatMap((pillar) =>
      pillar.criteria.map((criterion) => [criterion.id, { criterion, pillar: pillar.id }]),
    ),
  );

/** The same value gives the same text, whatever language it is read in. */
function kept(field: Field, { criterion, pillar }: Placed): string {
  return JSON.stringify(field === 'pillar' ? pillar : (criterion[field] ?? null));
}

export function compare(earlier: RubricFile, later: RubricFile, read: Reading): RubricDiff {
  const [before, after] = [placed(earlier), placed(later)];
  const diff: RubricDiff = { added: [], removed: [], changed: [], same: 0 };
  for (const [id, now] of after) {
    const was = before.get(id);
    if (!was) {
      diff.added.push(now.criterion);
      continue;
    }
    const fields = FIELDS.filter((field) => kept(field, was) !== kept(field, now)).map((field) => ({
      field,
      before: read(field, was.criterion, was.pillar),
      after: read(field, now.criterion, now.pillar),
    }));
    if (fields.length === 0) diff.same += 1;
    else diff.changed.push({ id, name: now.criterion.name, fields });
  }
  for (const [id, { criterion }] of before) if (!after.has(id)) diff.removed.push(criterion);
  return diff;
}
