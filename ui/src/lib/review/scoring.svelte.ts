/** One criterion of a second scoring: given, saved at once, and tried again where that failed. */
import type { Answer } from '$lib/api/central/review';
import { toApiError, type ApiError } from '$lib/api/error';
import type { Criterion } from '$lib/api/types';

/** What is given: exactly one of the three. */
export type GivenAnswer = Pick<Answer, 'value'> | Pick<Answer, 'na'> | Pick<Answer, 'ne'>;

export class Scoring {
  readonly criterion: Criterion;
  /** What the server has; while something is being saved, what is on its way. */
  answer = $state.raw<Answer | null>(null);
  state = $state<'still' | 'saving'>('still');
  error = $state.raw<ApiError | null>(null);
  readonly #save: (answer: Answer) => Promise<unknown>;
  #turn = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    criterion: Criterion,
    answer: Answer | null,
    save: (answer: Answer) => Promise<unknown>,
  ) {
    this.criterion = criterion;
    this.answer = answer;
    this.#save = save;
  }

  /** Whether the server has the answer. */
  get isSaved(): boolean {
    return this.answer !== null && this.state === 'still' && this.error === null;
  }

  give(given: GivenAnswer): void {
    this.answer = { criterion: this.criterion.id, ...given };
    this.again();
  }

  /** Sends what was given last; one after the other, so that the last one stands. */
  again(): void {
    const { answer } = this;
    if (answer === null) return;
    const turn = (this.#turn += 1);
    this.state = 'saving';
    this.error = null;
    this.#last = this.#last.then(async () => {
      if (turn !== this.#turn) return;
      try {
        await this.#save(answer);
      } catch (thrown) {
        if (turn === this.#turn) this.error = toApiError(thrown);
      }
      if (turn === this.#turn) this.state = 'still';
    });
  }
}
