/**
 * Saving what the person does: the changes of one criterion go to the device one after another, in
 * order, and nothing counts as saved before the device has answered. A change that fails stays at
 * the head of its queue, visible, until it is sent again, replaced or given up.
 *
 * It knows neither the network nor the screen: it is given a sender and told whom to tell.
 */
import type { AnswerValue } from '$lib/visit/scales';

/** An answer as it is given: exactly one of the three. */
export type Given = { value: AnswerValue } | { na: string } | { ne: string };

/** One change of a criterion. */
export type Change =
  { do: 'answer'; given: Given; note?: string } | { do: 'note'; note: string } | { do: 'undo' };

/** Where the saving of a criterion stands. */
export type SaveState = 'idle' | 'saving' | 'saved' | 'failed';

/** What the person sees of a criterion's unsaved changes. */
export interface Unsaved {
  state: SaveState;
  /** Not yet confirmed, oldest first; the first is on its way or has failed. */
  changes: readonly Change[];
  error: unknown;
}

/** What a queue needs from outside. */
export interface Outside<Result> {
  send: (criterion: string, change: Change) => Promise<Result>;
  /** The device has it. `rest` is how many changes of the criterion still wait. */
  saved: (criterion: string, change: Change, result: Result, rest: number) => void;
  /** The unsaved changes of a criterion are others than before. */
  changed: (criterion: string, unsaved: Unsaved) => void;
}

interface Queue {
  changes: Change[];
  isSending: boolean;
  hasFailed: boolean;
  error: unknown;
  wasSaved: boolean;
}

/** The changes of all criteria of a visit. */
export class Saves<Result> {
  #queues = new Map<string, Queue>();
  #outside: Outside<Result>;
  #waiting: (() => void)[] = [];

  constructor(outside: Outside<Result>) {
    this.#outside = outside;
  }

  /** How many criteria have changes that are not confirmed, and how many of these have failed. */
  count(): { unsaved: number; failed: number } {
    let [unsaved, failed] = [0, 0];
    for (const queue of this.#queues.values()) {
      if (queue.changes.length > 0) unsaved += 1;
      if (queue.hasFailed) failed += 1;
    }
    return { unsaved, failed };
  }

  /**
   * Takes a change and sends it as soon as those before it are confirmed. Says whether it took the
   * place of one that had failed, so that the device will make one version of the two.
   */
  push(criterion: string, change: Change): boolean {
    const queue = this.#queue(criterion);
    const before = queue.changes;
    queue.changes = queue.hasFailed ? replaced(before, change) : [...before, change];
    queue.hasFailed = false;
    queue.error = null;
    this.#tell(criterion, queue);
    void this.#run(criterion, queue);
    return queue.changes.length <= before.length;
  }

  /** Sends what failed once more. */
  retry(criterion: string): void {
    const queue = this.#queues.get(criterion);
    if (!queue?.hasFailed) return;
    queue.hasFailed = false;
    queue.error = null;
    this.#tell(criterion, queue);
    void this.#run(criterion, queue);
  }

  /** Sends everything that failed once more. */
  retryAll(): void {
    for (const [criterion, queue] of this.#queues) if (queue.hasFailed) this.retry(criterion);
  }

  /** Gives up what failed, and what was waiting behind it; the last saved state shows again. */
  discard(criterion: string): void {
    const queue = this.#queues.get(criterion);
    if (!queue?.hasFailed) return;
    Object.assign(queue, { changes: [], hasFailed: false, error: null });
    this.#tell(criterion, queue);
    this.#settle();
  }

  /** Waits until nothing is on its way; what failed stays and does not hold this up. */
  async settled(): Promise<void> {
    while ([...this.#queues.values()].some((queue) => queue.isSending)) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  async #run(criterion: string, queue: Queue): Promise<void> {
    if (queue.isSending) return;
    queue.isSending = true;
    for (let change = queue.changes[0]; change !== undefined; change = queue.changes[0]) {
      try {
        const result = await this.#outside.send(criterion, change);
        queue.changes = queue.changes.slice(1);
        queue.wasSaved = true;
        this.#outside.saved(criterion, change, result, queue.changes.length);
      } catch (error) {
        queue.hasFailed = true;
        queue.error = error;
      }
      this.#tell(criterion, queue);
      if (queue.hasFailed) break;
    }
    queue.isSending = false;
    this.#settle();
  }

  #queue(criterion: string): Queue {
    const found = this.#queues.get(criterion);
    if (found !== undefined) return found;
    const made = { changes: [], isSending: false, hasFailed: false, error: null, wasSaved: false };
    this.#queues.set(criterion, made);
    return made;
  }

  #tell(criterion: string, queue: Queue): void {
    const state = queue.hasFailed
      ? 'failed'
      : queue.changes.length > 0
        ? 'saving'
        : queue.wasSaved
          ? 'saved'
          : 'idle';
    this.#outside.changed(criterion, { state, changes: queue.changes, error: queue.error });
  }

  #settle(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

/**
 * The queue after its head failed and the person went on. A single failed change is replaced by the
 * newer one, and its note is not lost; several are all sent again. Undo gives up the last of them.
 */
function replaced(changes: Change[], change: Change): Change[] {
  const last = changes.at(-1);
  if (last === undefined || last.do === 'undo') {
    return change.do === 'undo' ? changes : [...changes.slice(0, -1), change];
  }
  if (change.do === 'undo') return changes.slice(0, -1);
  if (changes.length > 1) return [...changes, change];
  if (change.do === 'note') {
    return last.do === 'note' ? [change] : [{ ...last, note: change.note }];
  }
  const note = change.note ?? last.note;
  return [note === undefined ? change : { ...change, note }];
}

/** The answer a person sees: the last one given, whether it is confirmed or not. */
export function lastGiven(changes: readonly Change[]): Given | null {
  const last = changes.findLast((change) => change.do === 'answer');
  return last?.do === 'answer' ? last.given : null;
}
