/** What a ruling makes of one visit's answer, while it is being chosen. */
import type { Answer } from '$lib/api/central/review';
import type { Correction, HeardVisit } from '$lib/api/central/replies';
import type { Criterion } from '$lib/api/types';
import { parseDecimal, type DecimalFault } from '$lib/visit/decimal';
import { greatest, isTyped, stepsOf, type AnswerValue } from '$lib/visit/scales';

/** As it is given, a step of the scale, a typed value, or why there is none. */
export const KEEP = 'keep';
export const TYPED = 'typed';
export const STEP = 'step:';

export class CorrectionWork {
  readonly visit: HeardVisit;
  readonly criterion: Criterion;
  choice = $state<string>(KEEP);
  typed = $state('');
  reason = $state('');

  constructor(criterion: Criterion, visit: HeardVisit, from?: Answer) {
    this.criterion = criterion;
    this.visit = visit;
    if (from) this.#begin(from);
  }

  #begin(from: Answer): void {
    const exempt = from.na ?? from.ne ?? null;
    if (exempt !== null) {
      this.choice = from.na === undefined || from.na === null ? 'ne' : 'na';
      this.reason = exempt;
    } else if (from.value !== undefined && from.value !== null) {
      const isNumber = isTyped(this.criterion.scale);
      this.choice = isNumber ? TYPED : `${STEP}${JSON.stringify(from.value)}`;
      if (isNumber) this.typed = String(from.value);
    }
  }

  /** The choices of the scale, in its order. */
  get choices(): string[] {
    const { scale } = this.criterion;
    const own = isTyped(scale)
      ? [TYPED]
      : stepsOf(scale).map(({ value }) => `${STEP}${JSON.stringify(value)}`);
    return [KEEP, ...own, 'na', 'ne'];
  }

  /** The step that a choice stands for. */
  stepOf(choice: string): AnswerValue {
    return JSON.parse(choice.slice(STEP.length)) as AnswerValue;
  }

  get isExempt(): boolean {
    return this.choice === 'na' || this.choice === 'ne';
  }

  /** What is wrong with a typed number. */
  get fault(): DecimalFault | null {
    if (this.choice !== TYPED) return null;
    const read = parseDecimal(this.typed, greatest(this.criterion.scale));
    return read.ok ? null : read.fault;
  }

  /** Whether it can be sent. */
  get isWhole(): boolean {
    if (this.isExempt) return this.reason.trim() !== '';
    return this.fault === null;
  }

  /** The correction; null where the answer stays as it is, or is not whole yet. */
  get correction(): Correction | null {
    if (this.choice === KEEP || !this.isWhole) return null;
    const { evaluation } = this.visit;
    return { evaluation, answer: { criterion: this.criterion.id, ...this.#given() } };
  }

  #given(): Partial<Answer> {
    if (this.isExempt) return { [this.choice]: this.reason.trim() };
    if (this.choice !== TYPED) return { value: this.stepOf(this.choice) };
    const read = parseDecimal(this.typed, greatest(this.criterion.scale));
    return read.ok ? { value: read.text } : {};
  }
}
