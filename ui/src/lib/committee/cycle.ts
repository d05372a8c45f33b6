/** The way of a cycle: its stages, the next step, who takes it and what stands in its way. */
import type { Cycle, Overview, Publication } from '$lib/api/central/committee';
import type { Role } from '$lib/api/central/types';

export const STAGES = ['draft', 'open', 'reviewing', 'decided', 'published', 'closed'] as const;
export type Stage = (typeof STAGES)[number];
export type CycleEvent = 'open' | 'close_field_work' | 'decide' | 'publish' | 'close';

const NEXT: Record<Stage, CycleEvent | null> = {
  draft: 'open',
  open: 'close_field_work',
  reviewing: 'decide',
  decided: 'publish',
  published: 'close',
  closed: null,
};
const FIELD: readonly Role[] = ['administrator', 'central_team'];
const CHAIR: readonly Role[] = ['committee_chair'];

export const stageOf = (state: string): Stage | undefined =>
  STAGES.find((stage) => stage === state);

/** The step that a cycle takes next, and whose it is. */
export function nextStep(state: string): { event: CycleEvent; roles: readonly Role[] } | null {
  const stage = stageOf(state);
  const event = stage ? NEXT[stage] : null;
  if (event === null) return null;
  return { event, roles: event === 'open' || event === 'close_field_work' ? FIELD : CHAIR };
}

export interface Blocker {
  what: 'visits' | 'centres' | 'publications';
  count: number;
}

const SETTLED = ['validated', 'counted', 'cancelled', 'exposed'];

/** Whatever keeps a cycle from its next step, as far as it can be seen here. */
export function blockersOf(
  overview: Pick<Overview, 'cycle' | 'visits' | 'centres' | 'decided'>,
  publications: readonly Pick<Publication, 'state'>[],
): Blocker[] {
  const unsettled = overview.visits
    .filter(({ state }) => !SETTLED.includes(state))
    .reduce((sum, { count }) => sum + count, 0);
  const counts: Partial<Record<CycleEvent, Blocker>> = {
    close_field_work: { what: 'visits', count: unsettled },
    decide: { what: 'centres', count: overview.centres - overview.decided },
    publish: scheduled(publications),
    close: scheduled(publications),
  };
  const step = nextStep(overview.cycle.state);
  const blocker = step ? counts[step.event] : undefined;
  return blocker && blocker.count > 0 ? [blocker] : [];
}

const scheduled = (publications: readonly Pick<Publication, 'state'>[]): Blocker => ({
  what: 'publications',
  count: publications.filter(({ state }) => state === 'scheduled').length,
});

/** The cycle that an address names, or the latest. */
export function chosenCycle(cycles: readonly Cycle[], wanted: string | undefined): Cycle | null {
  return cycles.find(({ id }) => id === wanted) ?? cycles.at(-1) ?? null;
}

/** The one of two models that an address names, as far as the cycle judges it. */
export function chosenModel(models: readonly string[], wanted: string | undefined): string | null {
  return models.find((model) => model === wanted) ?? models[0] ?? null;
}
