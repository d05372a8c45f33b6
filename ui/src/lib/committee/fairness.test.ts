import { describe, expect, it } from 'vitest';

import type { CriterionAgreement, EvaluatorFigures, Fairness } from '$lib/api/central/fairness';
import {
  agreementVerdict,
  agreementWords,
  alarmsOf,
  evaluatorVerdict,
  rangeWords,
  severityWords,
  signed,
} from '$lib/committee/fairness';
import { placesWords, sureRange } from '$lib/committee/sure';
import { setLanguage } from '$lib/i18n.svelte';
import { m } from '$paraglide/messages';

setLanguage('en', 'latn');

const evaluator = (rest: Partial<EvaluatorFigures> = {}): EvaluatorFigures => ({
  evaluator: 'E-1',
  visits: 9,
  is_apart: false,
  ...rest,
});
const agreement = (units: number, alpha: number) => ({
  units,
  same: 0.5,
  alpha: { value: alpha },
  gwet: { value: 0.9 },
  read_by: 'alpha',
});
const criterion = (rest: Partial<CriterionAgreement>): CriterionAgreement => ({
  criterion: 'A1',
  is_weak: false,
  ...rest,
});

describe('an evaluator in words', () => {
  it.each([
    [3.24, m.committee_fair_harsher({ points: '3.2' })],
    [-1.1, m.committee_fair_milder({ points: '1.1' })],
    [0.01, m.committee_fair_same()],
  ])('of %d points', (value, words) => {
    expect(severityWords(evaluator({ severity: { value } }))).toBe(words);
  });
  it('has no figure and no range where none can be told', () => {
    expect(severityWords(evaluator())).toBe(m.committee_fair_not_told());
    expect(rangeWords({ value: 1 })).toBe(m.committee_fair_no_range());
    expect(rangeWords({ value: 1, low: -0.52, high: 2 })).toBe(
      m.committee_fair_range({ low: '\u2066-0.5\u2069', high: '\u20662.0\u2069' }),
    );
  });
  it('is looked at for severity, drift or misfit, and for nothing else', () => {
    const drift = { per_week: { value: 1 }, is_apart: true };
    expect(evaluatorVerdict(evaluator())).toBe(m.committee_fair_says_usual());
    expect(evaluatorVerdict(evaluator({ is_apart: true }))).toBe(m.committee_fair_says_apart());
    expect(evaluatorVerdict(evaluator({ drift }))).toBe(m.committee_fair_says_apart());
    expect(evaluatorVerdict(evaluator({ infit: 2.4 }))).toBe(m.committee_fair_says_misfit());
  });
});

describe('a difference', () => {
  it.each([
    [1.23, '\u2066+1.2\u2069'],
    [-4, '\u2066\u22124.0\u2069'],
    [0.01, '0.0'],
    [null, '–'],
  ])('of %s', (difference, words) => {
    expect(signed(difference)).toBe(words);
  });
});

describe('agreement in words', () => {
  it('is read by the coefficient that tells more', () => {
    expect(agreementWords(agreement(12, 0.71))).toContain('0.71');
    expect(agreementWords({ ...agreement(12, 0.71), read_by: 'gwet' })).toContain('0.90');
    expect(agreementWords(null)).toBe('–');
  });
  it('accuses a wording on enough second scorings alone', () => {
    const rows: [Partial<CriterionAgreement>, string][] = [
      [{ is_weak: true, second: agreement(12, 0.2) }, m.committee_fair_agree_weak()],
      [{ second: agreement(12, 0.8) }, m.committee_fair_agree_strong()],
      [{ second: agreement(4, 0.1) }, m.committee_fair_agree_few()],
      [{ visits: agreement(90, 0.1) }, m.committee_fair_agree_few()],
      [{}, m.committee_fair_agree_none()],
    ];
    for (const [given, words] of rows) expect(agreementVerdict(criterion(given))).toBe(words);
  });
});

describe('what there is to look at', () => {
  const told = (state: string, evaluators: EvaluatorFigures[]) =>
    ({
      severity: { state, subsets: [], evaluators },
      criteria: [criterion({ is_weak: true }), criterion({})],
      centres: [],
      alike: [],
      straight: [],
    }) as unknown as Fairness;
  it('counts, and clears nobody where nothing is estimated', () => {
    expect(alarmsOf(told('estimated', [evaluator({ is_apart: true }), evaluator()]))).toEqual({
      apart: 1,
      weak: 1,
      differing: 0,
      alike: 0,
    });
    expect(alarmsOf(told('disconnected', [evaluator()])).apart).toBeNull();
  });
});

describe('how sure a score is', () => {
  const centre = { centre: 'c', code: 'C', visits: 3, score: { value: 80 } };
  it('is told from end to end, and not at all where nobody knows', () => {
    const score = { value: 80, low: 76.24, high: 83.1 };
    expect(sureRange({ ...centre, score })).toBe(
      m.committee_sure_from_to({ low: '76.2', high: '83.1' }),
    );
    expect(sureRange(centre)).toBeNull();
  });
  it('counts places from one', () => {
    expect(placesWords({ ...centre, alike: [0, 4] })).toBe(
      m.committee_sure_from_to({ low: '1', high: '5' }),
    );
    expect(placesWords({ ...centre, alike: [3, 3] })).toBe(m.committee_sure_alike_alone());
  });
});
