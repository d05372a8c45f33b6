/** A rubric's parts in words: scales, what a file's faults mean, and what may be read of a criterion. */
import type { RubricFault } from '$lib/api/central/admin';
import type { Criterion, Scale, VisitKind } from '$lib/api/types';
import { fmt, text } from '$lib/i18n.svelte';
import { isolated } from '$lib/format';
import type { Field } from '$lib/admin/rubricDiff';
import { evidenceWord, unitWord } from '$lib/visit/words';
import { kindWords } from '$lib/words';
import { m } from '$paraglide/messages';

export function scaleWords(scale: Scale): string {
  switch (scale.kind) {
    case 'yes_no':
      return m.admin_scale_yes_no();
    case 'met_partly_not':
      return m.admin_scale_met_partly_not();
    case 'level_0_5':
      return m.admin_scale_level_0_5();
    case 'maturity':
      return m.admin_scale_maturity();
    case 'timed':
      return m.admin_scale_timed({
        full: fmt().number(Number(scale.full_at ?? 0), 2),
        zero: fmt().number(Number(scale.zero_at ?? 0), 2),
        unit: unitWord(scale.unit ?? ''),
      });
    case 'percent':
      return m.admin_scale_percent({ target: fmt().number(Number(scale.target ?? 100), 2) });
  }
}

export function criticalWords(criterion: Criterion): string {
  if (criterion.critical === 'fail') return m.admin_critical_fail();
  return criterion.critical === 'cap' ? m.admin_critical_cap() : m.admin_critical_none();
}

export function evidenceRuleWords({ evidence }: Criterion): string {
  if (evidence.rule === 'none') return m.admin_evidence_none();
  const kinds = fmt().either(evidence.kinds.map(evidenceWord));
  return evidence.rule === 'required'
    ? m.admin_evidence_required({ kinds })
    : m.admin_evidence_optional({ kinds });
}

export const visitsWords = ({ visits }: Criterion): string =>
  fmt().list(visits.map((kind) => kindWords(kind as VisitKind)));

const LABELS: Record<Field, () => string> = {
  name: () => m.admin_name(),
  guidance: () => m.admin_rubric_guidance(),
  pillar: () => m.admin_rubric_pillar(),
  weight: () => m.admin_rubric_weight(),
  scale: () => m.admin_rubric_scale(),
  anchors: () => m.admin_rubric_anchors(),
  visits: () => m.admin_rubric_visits(),
  evidence: () => m.admin_rubric_evidence(),
  critical: () => m.admin_rubric_critical(),
};
export const fieldLabel = (field: Field): string => LABELS[field]();

/** A field as it reads in the reader's language. */
export function fieldWords(field: Field, criterion: Criterion, pillar: string): string {
  switch (field) {
    case 'name':
      return text(criterion.name);
    case 'guidance':
      return text(criterion.guidance);
    case 'pillar':
      return pillar;
    case 'weight':
      return fmt().number(criterion.weight, 2);
    case 'scale':
      return scaleWords(criterion.scale);
    case 'anchors':
      return criterion.anchors.map(text).join('\n');
    case 'visits':
      return visitsWords(criterion);
    case 'evidence':
      return evidenceRuleWords(criterion);
    case 'critical':
      return criticalWords(criterion);
  }
}

type Params = Record<string, string>;
const one = (params: Params, name: string) => isolated(params[name] ?? '');
const FAULTS: Record<string, (params: Params) => string> = {
  syntax: (p) => m.admin_rfault_syntax({ message: one(p, 'message') }),
  missing: () => m.admin_rfault_missing(),
  unknown_key: () => m.admin_rfault_unknown_key(),
  wrong_type: (p) =>
    m.admin_rfault_wrong_type({ found: one(p, 'found'), expected: one(p, 'expected') }),
  not_allowed: (p) =>
    m.admin_rfault_not_allowed({ value: one(p, 'value'), allowed: one(p, 'allowed') }),
  empty_text: () => m.admin_rfault_empty_text(),
  duplicate: (p) => m.admin_rfault_duplicate({ id: one(p, 'id') }),
  bad_id: (p) => m.admin_rfault_bad_id({ id: one(p, 'id') }),
  empty: () => m.admin_rfault_empty(),
  pillar_weights: (p) => m.admin_rfault_pillar_weights({ sum: one(p, 'sum') }),
  criteria_weights: (p) =>
    m.admin_rfault_criteria_weights({ sum: one(p, 'sum'), weight: one(p, 'weight') }),
  out_of_range: (p) =>
    m.admin_rfault_out_of_range({ value: one(p, 'value'), range: one(p, 'range') }),
  thresholds: (p) =>
    m.admin_rfault_thresholds({ full: one(p, 'full_at'), zero: one(p, 'zero_at') }),
  anchors: (p) => m.admin_rfault_anchors({ found: one(p, 'found'), expected: one(p, 'expected') }),
  level_order: (p) =>
    m.admin_rfault_level_order({ value: one(p, 'value'), above: one(p, 'above') }),
  last_level: () => m.admin_rfault_last_level(),
  no_such_level: (p) =>
    m.admin_rfault_no_such_level({ id: one(p, 'id'), levels: one(p, 'levels') }),
  cap_forbids_critical: (p) => m.admin_rfault_cap_forbids_critical({ id: one(p, 'id') }),
  evidence_kinds: () => m.admin_rfault_evidence_kinds(),
  measure_scale: () => m.admin_rfault_measure_scale(),
  measure_unit: () => m.admin_rfault_measure_unit(),
  measure_order: (p) => m.admin_rfault_measure_order({ from: one(p, 'from'), to: one(p, 'to') }),
};

/** What is wrong at a place of a rubric file; a fault of a newer server is told in its own words. */
export const rubricFaultWords = (fault: RubricFault): string =>
  FAULTS[fault.problem]?.(fault.params) ?? fault.text;
