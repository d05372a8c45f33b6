/** What the person can choose on each scale, and the digit that chooses it. */
import type { Scale } from '$lib/api/types';

/** A value of an answer as it travels. */
export type AnswerValue = boolean | number | string;

/** One step of a scale that is chosen, not typed. */
export interface Step {
  value: AnswerValue;
  /** The key that chooses it. */
  digit: string;
  /** Its place among the criterion's anchors. */
  anchor: number;
}

const YES_NO: Step[] = [
  { value: true, digit: '1', anchor: 0 },
  { value: false, digit: '0', anchor: 1 },
];
const MET: Step[] = [
  { value: 'met', digit: '2', anchor: 0 },
  { value: 'partly', digit: '1', anchor: 1 },
  { value: 'not', digit: '0', anchor: 2 },
];
const LEVELS: Step[] = [0, 1, 2, 3, 4, 5].map((level) => ({
  value: level,
  digit: String(level),
  anchor: level,
}));
const MATURITY: Step[] = ['none', 'basic', 'developing', 'maturing', 'leading'].map(
  (word, index) => ({ value: word, digit: String(index), anchor: index }),
);

/** The steps of a scale in the order of its anchors; none when a number is typed. */
export function stepsOf(scale: Scale): readonly Step[] {
  switch (scale.kind) {
    case 'yes_no':
      return YES_NO;
    case 'met_partly_not':
      return MET;
    case 'level_0_5':
      return LEVELS;
    case 'maturity':
      return MATURITY;
    case 'timed':
    case 'percent':
      return [];
  }
}

/** Whether the answer is a typed number. */
export function isTyped(scale: Scale): boolean {
  return scale.kind === 'timed' || scale.kind === 'percent';
}

/** The greatest number a typed scale takes; `null` without an upper bound. */
export function greatest(scale: Scale): number | null {
  return scale.kind === 'percent' ? 100 : null;
}

/** The step a digit chooses; `null` when the scale has none for it. */
export function stepForDigit(scale: Scale, digit: string): Step | null {
  return stepsOf(scale).find((step) => step.digit === digit) ?? null;
}
