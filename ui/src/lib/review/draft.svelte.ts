/**
 * The questions somebody has written on a visit, kept on this machine until they are sent: a decision that
 * is refused, a reload or a closed page loses none of them.
 */
import type { Question } from '$lib/api/central/review';

export interface DraftKeeper {
  read: (name: string) => string | null;
  write: (name: string, text: string | null) => void;
}

export const sessionKeeper: DraftKeeper = {
  read: (name) => sessionStorage.getItem(name),
  write: (name, text) => {
    if (text === null) sessionStorage.removeItem(name);
    else sessionStorage.setItem(name, text);
  },
};

/** A question about the visit as a whole stands under this name. */
export const WHOLE = '';

export class QuestionDraft {
  texts = $state<Record<string, string>>({});
  readonly #name: string;
  readonly #keeper: DraftKeeper;

  constructor(visit: string, revision: number, keeper: DraftKeeper = sessionKeeper) {
    this.#name = `mizan.review.${visit}.${revision}`;
    this.#keeper = keeper;
    try {
      this.texts = JSON.parse(keeper.read(this.#name) ?? '{}') as Record<string, string>;
    } catch {
      // What is not ours to read is left alone.
    }
  }

  write(criterion: string, text: string): void {
    const others = Object.entries(this.texts).filter(([name]) => name !== criterion);
    this.texts = Object.fromEntries(text === '' ? others : [...others, [criterion, text]]);
    this.#keeper.write(this.#name, JSON.stringify(this.texts));
  }

  /** What was written, in the order of the criteria; the whole visit's comes last. */
  questions(order: readonly string[]): Question[] {
    const asked = [...order, WHOLE].flatMap((criterion) => {
      const text = this.texts[criterion]?.trim() ?? '';
      return text === '' ? [] : [{ criterion: criterion === WHOLE ? null : criterion, text }];
    });
    return asked;
  }

  clear(): void {
    this.texts = {};
    this.#keeper.write(this.#name, null);
  }
}
