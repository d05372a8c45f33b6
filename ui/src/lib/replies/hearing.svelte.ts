/** One appeal while it is heard: what is corrected, what that would change, and the ruling. */
import {
  replies,
  type AppealCase,
  type Correction,
  type Effect,
  type HeardRuling,
  type HeardVisit,
} from '$lib/api/central/replies';
import { toApiError, type ApiError } from '$lib/api/error';
import { Action } from '$lib/app/action.svelte';
import type { Criterion } from '$lib/api/types';
import { CorrectionWork } from '$lib/replies/correction.svelte';

export class Hearing {
  readonly id: string;
  told = $state.raw<AppealCase | null>(null);
  error = $state.raw<ApiError | null>(null);
  works = $state.raw<CorrectionWork[]>([]);
  ruling = $state('refused');
  reason = $state('');
  effect = $state.raw<Effect | null>(null);
  readonly sending = new Action();
  #asked = '';

  constructor(id: string) {
    this.id = id;
  }

  async open(): Promise<void> {
    try {
      this.#take(await replies.case(this.id));
      this.error = null;
    } catch (thrown) {
      this.error = toApiError(thrown);
    }
  }

  #take(told: AppealCase): void {
    this.told = told;
    const criterion = told.criterion as unknown as Criterion;
    const first = told.step === 'rule' ? told.rulings[0] : undefined;
    const corrections = first?.corrections ?? [];
    const given = (visit: HeardVisit) =>
      corrections.find(({ evaluation }) => evaluation === visit.evaluation)?.answer;
    this.works = told.visits.map((visit) => new CorrectionWork(criterion, visit, given(visit)));
    if (first) this.ruling = first.ruling;
  }

  get criterion(): Criterion | null {
    return this.told ? (this.told.criterion as unknown as Criterion) : null;
  }

  get isOpen(): boolean {
    return this.told?.step !== null && this.told?.step !== undefined;
  }

  /** The committee's ruling is the last. */
  get isLast(): boolean {
    return this.told?.step === 'rule';
  }

  get corrects(): boolean {
    return this.ruling !== 'refused';
  }

  get corrections(): Correction[] {
    if (!this.corrects) return [];
    return this.works.flatMap(({ correction }) => (correction === null ? [] : [correction]));
  }

  get isWhole(): boolean {
    return !this.corrects || this.works.every((work) => work.isWhole);
  }

  /** The number of a visit among those heard. */
  numberOf(evaluation: string): number {
    return this.works.findIndex((work) => work.visit.evaluation === evaluation) + 1;
  }

  /** Asks what the corrections would change; an answer that was overtaken is not taken in. */
  async foretell(): Promise<void> {
    const { corrections } = this;
    const asked = JSON.stringify(corrections);
    if (asked === this.#asked) return;
    this.#asked = asked;
    if (corrections.length === 0) {
      this.effect = null;
      return;
    }
    try {
      const effect = await replies.preview(this.id, corrections);
      if (asked === this.#asked) this.effect = effect;
    } catch {
      // The same is refused by name when it is sent.
      if (asked === this.#asked) this.effect = null;
    }
  }

  /** Sends the ruling; true once it is on record. */
  async rule(): Promise<boolean> {
    const { ruling, corrections } = this;
    const reason = this.reason.trim();
    return await this.sending.run(async () => {
      await replies.rule(this.id, { ruling, reason, corrections });
    });
  }

  /** An earlier ruling's corrections by the number of their visit. */
  correctedBy(ruling: HeardRuling): { number: number; answer: Correction['answer'] }[] {
    return ruling.corrections.map(({ evaluation, answer }) => ({
      number: this.numberOf(evaluation),
      answer,
    }));
  }
}
