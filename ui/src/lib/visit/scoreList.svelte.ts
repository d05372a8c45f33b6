/** Which criteria the scoring screen shows and which of them takes the keys. */
import type { CriterionWork } from '$lib/visit/criterionWork.svelte';
import { isKept, moved, pillarMove, type Filter } from '$lib/visit/progress';
import { folded, isFound } from '$lib/visit/search';

/** The list of criteria on the scoring screen. */
export class ScoreList {
  filter = $state<Filter>('all');
  query = $state('');
  /**
   * What is shown. It is made when the filter or the query changes, not when an answer does: a card
   * must not vanish from under the finger that answered it.
   */
  shown = $state.raw<readonly CriterionWork[]>([]);
  activeId = $state<string | null>(null);
  readonly activePlace: number = $derived(
    this.shown.findIndex((work) => work.id === this.activeId),
  );
  readonly active: CriterionWork | null = $derived(this.shown[this.activePlace] ?? null);

  #all: readonly CriterionWork[];

  constructor(all: readonly CriterionWork[]) {
    this.#all = all;
    this.shown = all;
    this.activeId = (all.find((work) => !work.isAnswered) ?? all[0])?.id ?? null;
  }

  /** Narrows the list; the active criterion stays active if it is still there. */
  narrow(filter: Filter, query: string): void {
    this.filter = filter;
    this.query = query;
    const words = folded(query);
    this.shown = this.#all.filter(
      (work) => isKept(filter, work.standing) && (words === '' || isFound(work.hay, words)),
    );
    if (this.activePlace === -1) this.activeId = this.shown[0]?.id ?? null;
  }

  /** Makes a criterion active, and the list wide enough to show it. */
  goTo(id: string): void {
    if (!this.shown.some((work) => work.id === id)) this.narrow('all', '');
    this.activeId = id;
  }

  /** Moves on or back among what is shown. */
  move(by: number): void {
    this.#activate(moved(this.activePlace, by, this.shown.length));
  }

  /** Moves to the next pillar, or to the start of this or the one before. */
  movePillar(by: 1 | -1): void {
    const pillars = this.shown.map((work) => work.pillar.id);
    this.#activate(pillarMove(pillars, Math.max(0, this.activePlace), by));
  }

  /** Moves to the first criterion of a pillar. */
  openPillar(pillar: string): void {
    const first = this.#all.find((work) => work.pillar.id === pillar);
    const shown = this.shown.find((work) => work.pillar.id === pillar) ?? first;
    if (shown !== undefined) this.goTo(shown.id);
  }

  #activate(place: number): void {
    this.activeId = this.shown[place]?.id ?? this.activeId;
  }
}
