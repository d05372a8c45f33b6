/** The answers of a visit by pillar, each with all that belongs beside it. */
import type { Answer, EvidenceRef, Finding, Ruling } from '$lib/api/central/review';
import type { Criterion, Pillar, Rubric } from '$lib/api/types';
import type { Given } from '$lib/visit/saves';

export interface AnswerRow {
  criterion: Criterion;
  answer: Answer | null;
  /** The answer of the revision before, where it was another. */
  before: Answer | null;
  evidence: EvidenceRef[];
  findings: Finding[];
  /** What was asked about it when the visit was last sent back. */
  asked: string[];
  isHit: boolean;
  ruling: Ruling | null;
}

export interface PillarRows {
  pillar: Pillar;
  rows: AnswerRow[];
}

/** What an answer says, in the words of the evaluator's screens. */
export function givenOf(answer: Answer): Given {
  if (answer.na !== undefined && answer.na !== null) return { na: answer.na };
  if (answer.ne !== undefined && answer.ne !== null) return { ne: answer.ne };
  return { value: answer.value ?? '' };
}

/** The anchor a value stands for; null where the scale has none for it. */
export function anchorOf(criterion: Criterion, answer: Answer | null): number | null {
  const value = answer?.value;
  if (value === undefined || value === null || criterion.anchors.length === 0) return null;
  const words: Record<string, readonly unknown[]> = {
    met_partly_not: ['met', 'partly', 'not'],
    level_0_5: [0, 1, 2, 3, 4, 5],
    maturity: ['none', 'basic', 'developing', 'maturing', 'leading'],
    yes_no: [true, false],
  };
  const at = words[criterion.scale.kind]?.indexOf(value) ?? -1;
  return at >= 0 && at < criterion.anchors.length ? at : null;
}

const isSame = (one: Answer, other: Answer) =>
  JSON.stringify([givenOf(one), one.note ?? '']) ===
  JSON.stringify([givenOf(other), other.note ?? '']);

export interface Told {
  rubric: Rubric;
  kind: string;
  answers: readonly Answer[];
  previous: readonly Answer[];
  evidence: readonly EvidenceRef[];
  findings: readonly Finding[];
  asked: readonly { criterion?: string | null; text: string }[];
  critical: readonly string[];
  rulings: readonly Ruling[];
}

/** The criteria judged on this kind of visit, by pillar. */
export function rowsOf(told: Told): PillarRows[] {
  const answers = new Map(told.answers.map((answer) => [answer.criterion, answer]));
  const previous = new Map(told.previous.map((answer) => [answer.criterion, answer]));
  const row = (criterion: Criterion): AnswerRow => {
    const { id } = criterion;
    const answer = answers.get(id) ?? null;
    const earlier = previous.get(id) ?? null;
    const isChanged = earlier !== null && answer !== null && !isSame(earlier, answer);
    return {
      criterion,
      answer,
      before: isChanged ? earlier : null,
      evidence: told.evidence.filter((file) => file.criterion === id),
      findings: told.findings.filter((finding) => finding.criterion === id),
      asked: told.asked.filter((question) => question.criterion === id).map(({ text }) => text),
      isHit: told.critical.includes(id),
      ruling: told.rulings.find((ruling) => ruling.criterion === id) ?? null,
    };
  };
  return told.rubric.pillars
    .map((pillar) => ({
      pillar,
      rows: pillar.criteria.filter(({ visits }) => visits.includes(told.kind)).map(row),
    }))
    .filter(({ rows }) => rows.length > 0);
}
