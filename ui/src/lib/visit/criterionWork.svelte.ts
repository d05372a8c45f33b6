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
  readonly hay: string;

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

  /** The answer as the person gave it, confirmed or not. */
  readonly given: Given | null = $derived(lastGiven(this.unsaved.changes) ?? givenOf(this.answer));
  /** The note as the person wrote it, confirmed or not. */
  readonly note: string = $derived(
    this.noteDraft ?? unsavedNote(this.unsaved) ?? this.answer?.note ?? '',
  );
  readonly isAnswered: boolean = $derived(this.given !== null);
  readonly lacks: boolean = $derived(lacks(this.missing));
  /** The device lets an earlier answer come back, or something unsaved can be given up. */
  readonly canUndo: boolean = $derived(
    (this.answer?.earlier ?? 0) > 0 || this.unsaved.changes.length > 0,
  );
  /** The person's number differs from what the time-line says. */
  readonly isOverridden: boolean = $derived(isOverridden(this.given, this.derived));
  /** Something is typed that the device has not been given yet. */
  readonly isTyping: boolean = $derived(
    this.noteDraft !== null ||
      isOther(
        this.reasonDraft?.text.trim(),
        this.reasonDraft && reasonOf(this.given, this.reasonDraft.kind),
      ) ||
      isOther(canonical(this.numberDraft), numberOf(this.given)),
  );
  readonly standing: Standing = $derived({
    isAnswered: this.isAnswered,
    lacks: this.lacks,
    hasQuestion: this.questions.length > 0,
  });

  constructor(criterion: Criterion, pillar: { id: string; name: Text }, place: number) {
    this.criterion = criterion;
    this.pillar = { id: pillar.id, name: pillar.name };
    this.place = place;
    this.hay = haystack(criterion);
  }

  get id(): string {
    return this.criterion.id;
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
