/** What can be taken back on this screen: the changes of the person in the order they made them. */

/** One change in the person's eyes; a note typed in one go is one, however often it was saved. */
export interface Done {
  criterion: string;
  what: 'answer' | 'note';
  /** How many saved versions the device made of it. */
  steps: number;
}

/** The changes made here, oldest first. */
export class UndoStack {
  #done: Done[] = [];
  #isSameTyping = false;

  /** A change was made. Notes of one criterion in one typing belong together. */
  made(criterion: string, what: Done['what']): void {
    const last = this.#done.at(-1);
    const isMore = what === 'note' && last?.what === 'note' && last.criterion === criterion;
    if (last !== undefined && isMore && this.#isSameTyping) last.steps += 1;
    else this.#done.push({ criterion, what, steps: 1 });
    this.#isSameTyping = what === 'note';
  }

  /** The person left the field: what is typed next is a change of its own. */
  typingEnded(): void {
    this.#isSameTyping = false;
  }

  /** Takes the last change off, or the last of one criterion; `null` when there is none. */
  take(criterion: string | null = null): Done | null {
    const place = this.#done.findLastIndex(
      (done) => criterion === null || done.criterion === criterion,
    );
    this.#isSameTyping = false;
    return this.#done.splice(place, place === -1 ? 0 : 1)[0] ?? null;
  }

  /** One saved version of a criterion will not come about: a failed change was given up or replaced. */
  forget(criterion: string): void {
    const place = this.#done.findLastIndex((done) => done.criterion === criterion);
    const last = this.#done[place];
    if (last === undefined) return;
    last.steps -= 1;
    if (last.steps === 0) this.#done.splice(place, 1);
  }

  /** Forgets everything: the answers came anew from elsewhere. */
  clear(): void {
    this.#done = [];
    this.#isSameTyping = false;
  }
}
