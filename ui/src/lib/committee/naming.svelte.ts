// What rubrics call their pillars, criteria and levels, for pages that are told ids alone.
import { getContext, setContext } from 'svelte';

import type { RubricFile } from '$lib/api/central/admin';
import { committee } from '$lib/api/central/committee';
import { distinct, readRubric } from '$lib/committee/shelf';
import {
  criterionWords,
  LEVELS,
  levelWords,
  outcomeWords,
  pillarWords,
} from '$lib/committee/words';
import { isolated } from '$lib/format';
import { text } from '$lib/i18n.svelte';

type Rubric = Pick<RubricFile, 'id' | 'version' | 'title' | 'levels' | 'pillars'>;
type Load = (sha256: string) => Promise<Rubric>;

/** The names of one rubric or several. Where none was read, ids and the usual words stand in. */
export class Naming {
  #rubrics = $state.raw<readonly Rubric[]>([]);
  readonly #load: Load;
  #turn = 0;

  constructor(load: Load = readRubric) {
    this.#load = load;
  }

  /** Reads these rubrics in place of those before. A page without names is better than none. */
  async take(digests: readonly string[]): Promise<void> {
    const turn = (this.#turn += 1);
    const told = await Promise.allSettled(distinct(digests).map(this.#load));
    if (turn !== this.#turn) return;
    this.#rubrics = told.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  }

  pillar(id: string): string {
    const found = this.#pillars.find((pillar) => pillar.id === id);
    return found ? `${isolated(id)} ${text(found.name)}` : pillarWords(id);
  }

  criterion(id: string): string {
    const all = this.#pillars.flatMap(({ criteria }) => criteria);
    const found = all.find((criterion) => criterion.id === id);
    return found ? `${isolated(id)} ${text(found.name)}` : criterionWords(id);
  }

  level(id: string): string {
    const found = this.#levels.find((level) => level.id === id);
    return found ? text(found.name) : levelWords(id);
  }

  /** A rubric by its title and version. */
  rubric({ id, version }: { id: string; version: string }): string {
    const found = this.#rubrics.find((one) => one.id === id);
    return `${found ? text(found.title) : id} ${isolated(version)}`;
  }

  /** The level of a result, or what stands in its place. */
  outcome(outcome: string, level: string | null | undefined): string {
    return level ? this.level(level) : outcomeWords(outcome, null);
  }

  /** The levels that can be given, the best first. */
  get levels(): string[] {
    const ids = this.#levels.map(({ id }) => id);
    return ids.length === 0 ? LEVELS : distinct(ids);
  }

  get #pillars() {
    return this.#rubrics.flatMap(({ pillars }) => pillars);
  }

  get #levels() {
    return this.#rubrics.flatMap(({ levels }) => levels);
  }
}

const KEY = Symbol('naming');

/** The names for everything below this component: those of the rubrics with these digests. */
export function provideNaming(digests: () => readonly string[]): Naming {
  const naming = setContext(KEY, new Naming());
  const wanted = $derived(digests().join());
  $effect(() => {
    if (wanted !== '') void naming.take(wanted.split(','));
  });
  return naming;
}

/** The names for everything below this component: those of a cycle's rubrics. */
export function provideCycleNaming(cycle: () => string | undefined): Naming {
  const naming = setContext(KEY, new Naming());
  const wanted = $derived(cycle());
  $effect(() => {
    if (wanted === undefined) return;
    // Without them the usual words stand in; whatever fails is told where it matters.
    committee.overview(wanted).then(
      ({ models }) => naming.take(models.map(({ rubric }) => rubric.sha256)),
      () => undefined,
    );
  });
  return naming;
}

/** The names that somebody above provides. */
export function getNaming(): Naming {
  return getContext<Naming | undefined>(KEY) ?? new Naming();
}
