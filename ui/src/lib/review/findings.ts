/** What the machine found, in words: a short mark, a sentence with what was compared, and where to look. */
import type { Finding } from '$lib/api/central/review';
import { fmt, text } from '$lib/i18n.svelte';
import { isolated } from '$lib/format';
import { visitKindWords } from '$lib/review/words';
import { momentWord } from '$lib/visit/words';
import { m } from '$paraglide/messages';

export type FindingTone = 'warn' | 'danger' | 'info';

/** What needs a second look most. */
const GRAVE = new Set(['photo_reused', 'two_places', 'same_times', 'impossible_time']);

const LABELS: Record<string, () => string> = {
  evidence_missing: () => m.review_check_evidence_missing(),
  impossible_time: () => m.review_check_impossible_time(),
  time_ahead: () => m.review_check_time_ahead(),
  two_places: () => m.review_check_two_places(),
  same_instant: () => m.review_check_same_instant(),
  same_times: () => m.review_check_same_times(),
  straight_lining: () => m.review_check_straight_lining(),
  text_repeated: () => m.review_check_text_repeated(),
  photo_reused: () => m.review_check_photo_reused(),
  outlier: () => m.review_check_outlier(),
  too_fast: () => m.review_check_too_fast(),
};

/** A check by its name; one that a newer server knows shows as its word. */
export const checkLabel = (check: string): string => LABELS[check]?.() ?? check;

export const findingTone = (check: string): FindingTone => (GRAVE.has(check) ? 'danger' : 'warn');

/** Another visit, as a finding names it. */
function otherWords(finding: Finding): string {
  const { other } = finding;
  if (!other) return '';
  return m.review_other({
    centre: isolated(text(other.centre_name)),
    code: isolated(other.centre),
  });
}

const number = (value: string | undefined) => fmt().number(Number(value ?? 0));

const SENTENCES: Record<string, (finding: Finding, params: Record<string, string>) => string> = {
  evidence_missing: () => m.review_found_evidence_missing(),
  impossible_time: (_, { earlier, later }) =>
    m.review_found_impossible_time({
      earlier: momentWord(earlier ?? ''),
      later: momentWord(later ?? ''),
    }),
  time_ahead: (_, { last, received }) =>
    m.review_found_time_ahead({
      last: fmt().dateTime(Number(last)),
      received: fmt().dateTime(Number(received)),
    }),
  two_places: (finding) => m.review_found_two_places({ other: otherWords(finding) }),
  same_instant: (_, { moments }) =>
    m.review_found_same_instant({
      moments: fmt().list((moments ?? '').split(',').map(momentWord)),
    }),
  same_times: (finding) => m.review_found_same_times({ other: otherWords(finding) }),
  straight_lining: (_, { alike, graded }) =>
    m.review_found_straight_lining({ alike: number(alike), graded: number(graded) }),
  text_repeated: (finding, { others }) =>
    m.review_found_text_repeated({ other: otherWords(finding), others: number(others) }),
  photo_reused: (finding, { others }) =>
    m.review_found_photo_reused({ other: otherWords(finding), others: number(others) }),
  outlier: (finding, { score, other, allowed }) =>
    m.review_found_outlier({
      kind: visitKindWords(finding.other?.kind ?? ''),
      score: fmt().decimal(score ?? ''),
      theirs: fmt().decimal(other ?? ''),
      allowed: number(allowed),
    }),
  too_fast: (_, { seconds, criteria }) =>
    m.review_found_too_fast({
      duration: fmt().duration(Number(seconds) * 1000),
      criteria: number(criteria),
    }),
};

export function findingWords(finding: Finding): string {
  return SENTENCES[finding.check]?.(finding, finding.params ?? {}) ?? finding.check;
}

/** Where on the page a finding leads. */
export type Place = { part: 'criterion'; criterion: string } | { part: 'times' } | null;

const OF_TIMES = new Set([
  'impossible_time',
  'time_ahead',
  'two_places',
  'same_instant',
  'same_times',
  'too_fast',
]);

export function placeOf(finding: Finding): Place {
  if (finding.criterion) return { part: 'criterion', criterion: finding.criterion };
  return OF_TIMES.has(finding.check) ? { part: 'times' } : null;
}

/** Each check that found something, with how often. */
export function countsOf(findings: readonly Finding[]): [check: string, count: number][] {
  const counts = new Map<string, number>();
  for (const { check } of findings) counts.set(check, (counts.get(check) ?? 0) + 1);
  return [...counts];
}
