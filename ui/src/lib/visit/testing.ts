/** Small rubrics for tests. */
import type { Criterion, Rubric, VisitState, VisitView } from '$lib/api/types';

/** A yes/no criterion, with what a test changes of it. */
export function criterion(id: string, part: Partial<Criterion> = {}): Criterion {
  return {
    id,
    name: { ar: `معيار ${id}`, en: `Criterion ${id}` },
    guidance: { ar: 'إرشاد', en: 'Guidance' },
    weight: 1,
    scale: { kind: 'yes_no' },
    anchors: [],
    visits: ['unannounced'],
    evidence: { rule: 'none', kinds: [] },
    basic: false,
    tags: {},
    ...part,
  };
}

/** A rubric of these criteria by pillar. */
export function rubricOf(pillars: Record<string, Criterion[]>): Rubric {
  return {
    id: 'test',
    version: '1.0.0',
    model: 'in_person',
    title: { ar: 'دليل', en: 'Rubric' },
    policy: { unannounced_share: 0.7, min_coverage: 70, critical_cap: 'meets' },
    levels: [],
    pillars: Object.entries(pillars).map(([id, criteria]) => ({
      id,
      name: { ar: `محور ${id}`, en: `Pillar ${id}` },
      weight: 1,
      criteria,
    })),
  };
}

/** An unannounced visit with nothing in it but what a test puts there. */
export function viewOf(part: Partial<VisitView> & { state: VisitState }): VisitView {
  const { state, ...rest } = part;
  return {
    summary: {
      visit: 'v1',
      cycle: '1',
      centre_code: 'C-1',
      centre: { ar: 'مركز', en: 'Centre' },
      agency: { ar: 'جهة', en: 'Agency' },
      model: 'in_person',
      kind: 'unannounced',
      state,
      from: '2026-03-01',
      to: '2026-03-31',
      answered: 0,
      to_answer: null,
      questions: 0,
      started_ms: null,
      ended_ms: null,
      report_due_ms: null,
      delivery: { state: 'not_submitted', error: null },
    },
    brief: {
      scenario: { ar: 'سيناريو', en: 'Scenario' },
      persona: null,
      answer_key: null,
      safety: null,
      max_minutes: null,
      report_within_h: 24,
    },
    rubric: { id: 'test', version: '1.0.0', sha256: '0' },
    questions: [],
    answers: [],
    times: [],
    contacts: [],
    derived: [],
    evidence: [],
    missing: [],
    seals: [],
    ...rest,
  };
}
