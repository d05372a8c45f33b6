/** One criterion on the screen. Its fields are state of their own, so that a tap redraws one card. */
import type { AnswerView, Criterion, Derived, EvidenceView, Missing, Text } from '$lib/api/types';
import type { ApiError } from '$lib/api/error';
import { parseDecimal, sameDecimal } from '$lib/visit/decimal';
import { lacks } from '$lib/visit/missing';
import type { Standing } from '$lib/visit/progress';
import { lastGiven, type Given, type Unsaved } from '$lib/visit/saves';
import { haystack } from '$lib/visit/search';

/** A file that is on its way to the device, or that did not get there. */
export interface Upload {
  id: number;
  file: File;
  kind: string;
  error: ApiError | null;
}

/** A reason for "not applicable" or "not evaluated" while it is written. */
export interface ReasonDraft {
  kind: 'na' | 'ne';
  text: string;
}

const NOTHING_UNSAVED: Unsaved = { state: 'idle', changes: [], error: null };

/** A criterion of a visit with everything the person gave and sees. */
export class CriterionWork {
  readonly criterion: Criterion;
  readonly pillar: { id: string; name: Text };
  /** Its place among all criteria of the visit, from 0. */
  readonly place: number;

  /** What the device holds. */
  answer = $state.raw<AnswerView | null>(null);
  missing = $state.raw<Missing[]>([]);
  evidence = $state.raw<EvidenceView[]>([]);
  derived = $state.raw<Derived | null>(null);
  questions = $state.raw<string[]>([]);

  /** What is on its way to it. */
  unsaved = $state.raw<Unsaved>(NOTHING_UNSAVED);
  uploads = $state.raw<Upload[]>([]);

  /** What is typed and has not been handed over yet. */
  noteDraft = $state<string | null>(null);
  reasonDraft = $state.raw<ReasonDraft | null>(null);
  numberDraft = $state<string | null>(null);

  isGuidanceOpen = $state(false);

  /** Counts what the device confirmed, to tell which of two answers is the newer. */
  confirmed = 0;

  #hay: string | null = null;

  constructor(criterion: Criterion, pillar: { id: string; name: Text }, place: number) {
    this.criterion = criterion;
    this.pillar = { id: pillar.id, name: pillar.name };
    this.place = place;
  }

  get id(): string {
    return this.criterion.id;
  }

  /** What it is found by: made when it is first looked for, as a visit opens without a search. */
  get hay(): string {
    return (this.#hay ??= haystack(this.criterion));
  }

  // A visit may have a thousand criteria and opening it asks each for its standing: what costs less
  // to work out than to keep is worked out.

  /** The answer as the person gave it, confirmed or not. */
  get given(): Given | null {
    return lastGiven(this.unsaved.changes) ?? givenOf(this.answer);
  }

  /** The note as the person wrote it, confirmed or not. */
  get note(): string {
    return this.noteDraft ?? unsavedNote(this.unsaved) ?? this.answer?.note ?? '';
  }

  get isAnswered(): boolean {
    return this.given !== null;
  }

  /** Something else than the answer itself is missing. */
  get lacks(): boolean {
    return lacks(this.missing);
  }

  /** The device lets an earlier answer come back, or something unsaved can be given up. */
  get canUndo(): boolean {
    return (this.answer?.earlier ?? 0) > 0 || this.unsaved.changes.length > 0;
  }

  /** The person's number differs from what the time-line says. */
  get isOverridden(): boolean {
    return isOverridden(this.given, this.derived);
  }

  /** Something is typed that the device has not been given yet. */
  get isTyping(): boolean {
    const reason = this.reasonDraft;
    return (
      this.noteDraft !== null ||
      isOther(reason?.text.trim(), reason && reasonOf(this.given, reason.kind)) ||
      isOther(canonical(this.numberDraft), numberOf(this.given))
    );
  }

  get standing(): Standing {
    return {
      isAnswered: this.isAnswered,
      lacks: this.lacks,
      hasQuestion: this.questions.length > 0,
    };
  }
}

/** The device's answer in the form in which answers are given. */
export function givenOf(answer: AnswerView | null): Given | null {
  if (answer === null) return null;
  if (answer.na !== null) return { na: answer.na };
  if (answer.ne !== null) return { ne: answer.ne };
  return answer.value === null ? null : { value: answer.value };
}

/** The reason of a "not applicable" or "not evaluated"; `null` for any other answer. */
export function reasonOf(given: Given | null, kind: 'na' | 'ne'): string | null {
  if (given === null) return null;
  if (kind === 'na') return 'na' in given ? given.na : null;
  return 'ne' in given ? given.ne : null;
}

/** The number of a typed answer; `null` for any other answer. */
export function numberOf(given: Given | null): string | null {
  return given !== null && 'value' in given ? String(given.value) : null;
}

function unsavedNote(unsaved: Unsaved): string | null {
  for (const change of unsaved.changes.toReversed()) {
    if (change.do === 'undo') return null;
    if (change.note !== undefined) return change.note;
  }
  return null;
}

function isOther(typed: string | null | undefined, given: string | null): boolean {
  return (typed ?? '') !== '' && typed !== given;
}

function canonical(typed: string | null): string | null {
  if (typed === null) return null;
  const number = parseDecimal(typed);
  return number.ok ? number.text : typed;
}

function isOverridden(given: Given | null, derived: Derived | null): boolean {
  if (derived === null || given === null || !('value' in given)) return false;
  return !sameDecimal(String(given.value), derived.value);
}
