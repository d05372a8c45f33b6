/**
 * A visit while it is worked on: what the device holds, what is on its way to it, and the verbs of
 * the screens. Nothing is shown as saved before the device has answered.
 */
import type { Announcer } from '$lib/app/announcer.svelte';
import type { Saving } from '$lib/app/saving.svelte';
import type { DeviceApi } from '$lib/api/device';
import { toApiError } from '$lib/api/error';
import type { AnswerSaved, Missing, Pillar, Rubric, VisitState, VisitView } from '$lib/api/types';
import { byCriterion, byId } from '$lib/visit/byCriterion';
import { CriterionWork, numberOf, reasonOf } from '$lib/visit/criterionWork.svelte';
import { parseDecimal } from '$lib/visit/decimal';
import { Failures } from '$lib/visit/failures';
import { judged, progressOf, type Progress } from '$lib/visit/progress';
import { Saves, type Change, type Given, type Unsaved } from '$lib/visit/saves';
import { Typing } from '$lib/visit/typing';
import { greatest } from '$lib/visit/scales';
import { UndoStack, type Done } from '$lib/visit/undo';

const NOTE_PAUSE_MS = 400;
const TYPED_PAUSE_MS = 1000;
const WORKED_ON: readonly VisitState[] = ['accepted', 'in_progress', 'returned'];

/** What a criterion holds of the device's answer. */
type Field = 'answer' | 'missing' | 'evidence' | 'derived' | 'questions';

/** What a visit's screens are given from outside. */
export interface Surroundings {
  api: DeviceApi;
  saving: Saving;
  announcer: Announcer;
  /** The visit changed in a way that other screens show. */
  changed: () => void;
}

/** One visit, its criteria and its verbs. */
export class VisitWork {
  readonly id: string;
  readonly rubric: Rubric;
  readonly pillars: Pillar[];
  readonly criteria: readonly CriterionWork[];
  readonly undone = new UndoStack();

  view: VisitView = $state.raw() as VisitView;
  state: VisitState = $state('assigned');
  readonly isOpen: boolean = $derived(WORKED_ON.includes(this.state));
  readonly progress: Progress = $derived.by(() => progressOf(this.criteria));
  /** Everything that keeps the visit from being submitted, as far as it is known here. */
  readonly missing: Missing[] = $derived.by(() => [
    ...this.criteria.flatMap((work) => work.missing),
    ...this.#visitMissing,
  ]);

  #byId: ReadonlyMap<string, CriterionWork>;
  #around: Surroundings;
  #saves: Saves<AnswerSaved>;
  #visitMissing = $state.raw<Missing[]>([]);
  #confirmed = 0;
  #views: Promise<unknown> = Promise.resolve();
  #typing: Typing;
  #failures: Failures;
  #uploads = 0;

  constructor(view: VisitView, rubric: Rubric, around: Surroundings) {
    this.id = view.summary.visit;
    this.rubric = rubric;
    this.pillars = judged(rubric, view.summary.kind);
    let place = 0;
    this.criteria = this.pillars.flatMap((pillar) =>
      pillar.criteria.map((criterion) => new CriterionWork(criterion, pillar, place++)),
    );
    this.#byId = byId(this.criteria);
    this.#around = around;
    this.#typing = new Typing(() => around.saving.hold());
    this.#failures = new Failures(() => around.saving.fail());
    this.#saves = new Saves({
      send: (criterion, change) => around.saving.track(this.#send(criterion, change)),
      saved: (criterion, change, saved) => this.#saved(criterion, change, saved),
      changed: (criterion, unsaved) => this.#unsaved(criterion, unsaved),
    });
    this.#take(view, 0);
  }

  /** A criterion by its id. */
  criterion(id: string): CriterionWork | null {
    return this.#byId.get(id) ?? null;
  }

  /** Gives an answer. What was typed as a note goes with it. */
  answer(work: CriterionWork, given: Given): void {
    if (!this.isOpen) return;
    const note = work.noteDraft;
    this.#settleNote(work);
    this.dropReason(work);
    work.numberDraft = null;
    this.#typing.ended(`number ${work.id}`);
    const change: Change = { do: 'answer', given };
    this.#push(work, note === null ? change : { ...change, note });
  }

  /** Takes a note as it is typed; it is saved after a pause. */
  typeNote(work: CriterionWork, text: string): void {
    work.noteDraft = text;
    this.#typing.typed(`note ${work.id}`, NOTE_PAUSE_MS, () => this.saveNote(work));
  }

  /** Saves a note at once: the field was left, or the screen is. */
  saveNote(work: CriterionWork): void {
    const note = work.noteDraft;
    this.#settleNote(work);
    if (note === null || note === work.note) return;
    this.#push(work, { do: 'note', note });
  }

  /** Takes a reason as it is typed; with words in it, it answers the criterion after a pause. */
  typeReason(work: CriterionWork, kind: 'na' | 'ne', text: string): void {
    work.reasonDraft = { kind, text };
    this.#typing.typed(`reason ${work.id}`, TYPED_PAUSE_MS, () => this.saveReason(work, true));
  }

  /** Saves a reason; one without words is dropped. `isTyping`: the field stays open. */
  saveReason(work: CriterionWork, isTyping = false): void {
    const draft = work.reasonDraft;
    this.#typing.ended(`reason ${work.id}`);
    if (draft === null) return;
    const reason = draft.text.trim();
    if (!isTyping) work.reasonDraft = null;
    if (reason === '' || reason === reasonOf(work.given, draft.kind)) return;
    const given = draft.kind === 'na' ? { na: reason } : { ne: reason };
    this.#push(work, { do: 'answer', given });
  }

  /** Takes a number as it is typed; one that is on the scale is saved after a pause. */
  typeNumber(work: CriterionWork, text: string): void {
    work.numberDraft = text;
    this.#typing.typed(`number ${work.id}`, TYPED_PAUSE_MS, () => this.saveNumber(work, true));
  }

  /** Saves a typed number; one that is not on the scale stays in view with what is wrong. */
  saveNumber(work: CriterionWork, isTyping = false): void {
    const draft = work.numberDraft;
    this.#typing.ended(`number ${work.id}`);
    if (draft === null) return;
    const number = parseDecimal(draft, greatest(work.criterion.scale));
    const isEmpty = !number.ok && number.fault === 'empty';
    if (!isTyping && (number.ok || isEmpty)) work.numberDraft = null;
    if (!number.ok || number.text === numberOf(work.given)) return;
    this.#push(work, { do: 'answer', given: { value: number.text } });
  }

  /** Drops a reason that was begun. */
  dropReason(work: CriterionWork): void {
    this.#typing.ended(`reason ${work.id}`);
    work.reasonDraft = null;
  }

  /** Takes back the last change of this screen; says which, or `null` when there is none. */
  undo(): Done | null {
    if (!this.isOpen) return null;
    for (const work of this.criteria) if (work.noteDraft !== null) this.saveNote(work);
    const done = this.undone.take();
    if (done !== null) this.#takeBack(done);
    return done;
  }

  /** Takes back the last change of one criterion, be it of an earlier day. */
  undoOf(work: CriterionWork): void {
    if (!this.isOpen) return;
    this.saveNote(work);
    this.#takeBack(this.undone.take(work.id) ?? { criterion: work.id, what: 'answer', steps: 1 });
  }

  /** Sends once more what failed of a criterion. */
  retry(work: CriterionWork): void {
    this.#saves.retry(work.id);
  }

  /** Gives up what failed of a criterion; the last saved answer shows again. */
  discard(work: CriterionWork): void {
    for (const change of work.unsaved.changes)
      if (change.do !== 'undo') this.undone.forget(work.id);
    this.#saves.discard(work.id);
  }

  /** Sends once more everything that failed. */
  retryAll(): void {
    this.#saves.retryAll();
  }

  /** Attaches a file. It stays in view until the device has it. */
  async attach(work: CriterionWork, file: File, kind: string): Promise<void> {
    const upload = { id: (this.#uploads += 1), file, kind, error: null };
    work.uploads = [...work.uploads, upload];
    await this.retryUpload(work, upload.id);
  }

  /** Sends a file, again if need be. */
  async retryUpload(work: CriterionWork, id: number): Promise<void> {
    const upload = work.uploads.find((one) => one.id === id);
    if (upload === undefined) return;
    const others = () => work.uploads.filter((one) => one.id !== id);
    const key = `upload ${id}`;
    this.#failures.ended(key);
    work.uploads = [...others(), { ...upload, error: null }];
    try {
      await this.change(() => this.#around.api.attach(this.id, work.id, upload.kind, upload.file));
      work.uploads = others();
    } catch (thrown) {
      this.#failures.failed(key);
      work.uploads = [...others(), { ...upload, error: toApiError(thrown) }];
    }
  }

  /** Gives up a file that did not get there. */
  dropUpload(work: CriterionWork, id: number): void {
    this.#failures.ended(`upload ${id}`);
    work.uploads = work.uploads.filter((one) => one.id !== id);
  }

  /**
   * Carries out something that answers with the whole visit. One after another, so that a late
   * answer never covers a newer one.
   */
  async change(call: () => Promise<VisitView>): Promise<void> {
    await this.#inOrder(() => this.#around.saving.track(call()));
    this.#around.changed();
  }

  /** Reads the visit anew. */
  async refresh(): Promise<void> {
    await this.#inOrder(() => this.#around.api.visit(this.id));
  }

  /** Whether leaving would lose something. */
  hasUnsaved(): boolean {
    return this.#saves.count().unsaved > 0 || this.criteria.some((work) => work.uploads.length > 0);
  }

  /** Hands over what is typed and waits until nothing is on its way. */
  async flush(): Promise<void> {
    for (const work of this.criteria) {
      if (work.noteDraft !== null) this.saveNote(work);
      if (work.reasonDraft !== null) this.saveReason(work);
      if (work.numberDraft !== null) this.saveNumber(work);
    }
    await this.#saves.settled();
    await this.#views;
  }

  async #inOrder(call: () => Promise<VisitView>): Promise<void> {
    const mine = this.#views.then(async () => {
      const before = this.#confirmed;
      this.#take(await call(), before);
    });
    this.#views = mine.catch(() => undefined);
    await mine;
  }

  #push(work: CriterionWork, change: Exclude<Change, { do: 'undo' }>): void {
    this.undone.made(work.id, change.do);
    if (this.#saves.push(work.id, change)) this.undone.forget(work.id);
  }

  #send(criterion: string, change: Change): Promise<AnswerSaved> {
    const { api } = this.#around;
    switch (change.do) {
      case 'answer': {
        const note = change.note === undefined ? {} : { note: change.note };
        return api.answer(this.id, criterion, { ...change.given, ...note });
      }
      case 'note':
        return api.note(this.id, criterion, change.note);
      case 'undo':
        return api.undo(this.id, criterion);
    }
  }

  #saved(criterion: string, change: Change, saved: AnswerSaved): void {
    const work = this.#byId.get(criterion);
    if (work === undefined) return;
    work.confirmed = this.#confirmed += 1;
    work.answer = saved.answer;
    work.missing = saved.missing;
    const isNewState = this.state !== saved.state;
    this.state = saved.state;
    if (change.do !== 'note' || isNewState) this.#around.changed();
  }

  #unsaved(criterion: string, unsaved: Unsaved): void {
    const work = this.#byId.get(criterion);
    if (work !== undefined) work.unsaved = unsaved;
    if (unsaved.state === 'failed') this.#failures.failed(criterion);
    else this.#failures.ended(criterion);
  }

  #takeBack(done: Done): void {
    for (let step = 0; step < done.steps; step += 1) {
      this.#saves.push(done.criterion, { do: 'undo' });
    }
  }

  #settleNote(work: CriterionWork): void {
    work.noteDraft = null;
    this.#typing.ended(`note ${work.id}`);
  }

  /** Takes a visit in. What a criterion had confirmed or sent since the asking is newer and stays. */
  #take(view: VisitView, asked: number): void {
    this.view = view;
    this.state = view.summary.state;
    const answers = byCriterion(view.answers);
    const derived = byCriterion(view.derived);
    const evidence = byCriterion(view.evidence);
    const missing = byCriterion(view.missing);
    const questions = byCriterion(view.questions);
    let isBehind = false;
    for (const work of this.criteria) {
      keep(work, 'evidence', evidence.get(work.id) ?? []);
      keep(work, 'derived', derived.get(work.id)?.[0] ?? null);
      keep(
        work,
        'questions',
        (questions.get(work.id) ?? []).map((question) => question.text),
      );
      if (work.confirmed > asked || work.unsaved.changes.length > 0) {
        // What failed waits for the person; reading again would not mend it.
        isBehind ||= work.unsaved.state !== 'failed';
        continue;
      }
      keep(work, 'answer', answers.get(work.id)?.[0] ?? null);
      keep(work, 'missing', missing.get(work.id) ?? []);
    }
    this.#visitMissing = view.missing.filter((one) => !this.#byId.has(one.criterion ?? ''));
    if (isBehind) void this.#saves.settled().then(() => this.refresh().catch(() => undefined));
  }
}

/** Most criteria of a visit that opens have nothing in most fields. */
function isNothing(value: CriterionWork[Field]): boolean {
  return value === null || (Array.isArray(value) && value.length === 0);
}

/** Sets a field of a criterion only when it says something else, so that other cards stay as drawn. */
function keep<K extends Field>(work: CriterionWork, key: K, value: CriterionWork[K]): void {
  const before = work[key];
  if (isNothing(before) || isNothing(value)) {
    if (isNothing(before) !== isNothing(value)) work[key] = value;
  } else if (JSON.stringify(before) !== JSON.stringify(value)) work[key] = value;
}
