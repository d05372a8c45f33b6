/** The figures of fairness in plain words. */
import type {
  Agreement,
  Bounded,
  CriterionAgreement,
  EvaluatorFigures,
  Fairness,
  LeverSets,
} from '$lib/api/central/fairness';
import { fmt } from '$lib/i18n.svelte';
import { m } from '$paraglide/messages';

/** From here on an evaluator's answers mislead. */
const MISFIT_FROM = 2;
/** Fewer things judged twice say nothing of a wording: as the server has it. */
const UNITS_FROM = 10;
/** Less than this is nothing once it is shown. */
const SHOWN_FROM = 0.05;

// As many places in each row, so that figures line up.
const one = (figure: number) => fmt().decimal(figure.toFixed(1));
/** Isolated, so that a minus stays before its number in either direction. */
const ltr = (figure: number) => `\u2066${one(figure)}\u2069`;
export const two = (figure: number): string => fmt().decimal(figure.toFixed(2));

export const share = (of: number): string => fmt().percent(of);

/** A difference with its sign, which stays before its number in either direction. */
export function signed(difference: number | null | undefined): string {
  if (typeof difference !== 'number') return '–';
  const size = one(Math.abs(difference));
  if (Math.abs(difference) < SHOWN_FROM) return size;
  return `\u2066${difference > 0 ? '+' : '\u2212'}${size}\u2069`;
}

/** An interval's ends, where both are known. */
export function endsOf(of: Bounded | null | undefined): readonly [number, number] | null {
  return typeof of?.low === 'number' && typeof of.high === 'number' ? [of.low, of.high] : null;
}

/** How harsh an evaluator is. */
export function severityWords({ severity }: EvaluatorFigures): string {
  if (!severity) return m.committee_fair_not_told();
  const { value } = severity;
  const points = one(Math.abs(value));
  if (Math.abs(value) < SHOWN_FROM) return m.committee_fair_same();
  return value > 0 ? m.committee_fair_harsher({ points }) : m.committee_fair_milder({ points });
}

/** Between what a figure lies; a sign stands before what is below nothing. */
export function rangeWords(of: Bounded | null | undefined): string {
  const ends = endsOf(of);
  if (!ends) return m.committee_fair_no_range();
  return m.committee_fair_range({ low: ltr(ends[0]), high: ltr(ends[1]) });
}

/** What the figures of an evaluator ask for. */
export function evaluatorVerdict(of: EvaluatorFigures): string {
  if (isMisfit(of)) return m.committee_fair_says_misfit();
  return isApart(of) ? m.committee_fair_says_apart() : m.committee_fair_says_usual();
}

export const isMisfit = ({ infit }: EvaluatorFigures): boolean => (infit ?? 0) > MISFIT_FROM;
export const isApart = (of: EvaluatorFigures): boolean =>
  of.is_apart || of.drift?.is_apart === true;

/** Whether an evaluator grows harsher or milder: what is given falls or rises. */
export function driftWords({ drift }: EvaluatorFigures): string {
  if (!drift) return m.committee_fair_not_told();
  const { value } = drift.per_week;
  const points = two(Math.abs(value));
  return value < 0
    ? m.committee_fair_drift_harsher({ points })
    : m.committee_fair_drift_milder({ points });
}

/** The coefficient that tells more, with how many things it rests on. */
export function agreementWords(of: Agreement | null | undefined): string {
  if (!of) return '–';
  const figure = of.read_by === 'gwet' ? of.gwet : of.alpha;
  const count = fmt().number(of.units);
  return figure
    ? m.committee_fair_units({ figure: `\u2066${two(figure.value)}\u2069`, count })
    : m.committee_fair_units_only({ count });
}

/** What a criterion's agreement asks for. */
export function agreementVerdict(of: CriterionAgreement): string {
  if (of.is_weak) return m.committee_fair_agree_weak();
  if (of.second && of.second.units >= UNITS_FROM) return m.committee_fair_agree_strong();
  return of.second || of.visits ? m.committee_fair_agree_few() : m.committee_fair_agree_none();
}

/** How many of each kind there are to look at. */
export function alarmsOf(told: Fairness) {
  return {
    // Where nothing is estimated nobody is cleared either.
    apart:
      told.severity.state === 'estimated' ? told.severity.evaluators.filter(isApart).length : null,
    weak: told.criteria.filter(({ is_weak }) => is_weak).length,
    differing: told.centres.filter(({ would_differ }) => would_differ).length,
    alike: told.alike.length + told.straight.length,
  };
}

/** How many steps each set has; all have as many. */
export const stepsIn = ({ sets }: LeverSets): number => sets[0]?.length ?? 0;
