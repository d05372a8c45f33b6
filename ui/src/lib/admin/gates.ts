/** The life of a cycle as its steps: which comes next, who takes it, and what it still needs. */
import type { CycleEvent, CycleGates } from '$lib/api/central/admin';
import { CYCLE_STATES, type CycleState } from '$lib/admin/words';

/** Each step with the state it leaves. */
export const STEPS: readonly { event: CycleEvent; from: CycleState }[] = [
  { event: 'open', from: 'draft' },
  { event: 'close_field_work', from: 'open' },
  { event: 'decide', from: 'reviewing' },
  { event: 'publish', from: 'decided' },
  { event: 'close', from: 'published' },
];

export type StepStand = 'done' | 'next' | 'later';

/** Where a step stands for a cycle in a state. */
export function standOf(from: CycleState, state: string): StepStand {
  const at = CYCLE_STATES.findIndex((one) => one === state);
  const place = CYCLE_STATES.indexOf(from);
  if (place < at) return 'done';
  return place === at ? 'next' : 'later';
}

const OFFICE = new Set(['administrator', 'central_team']);

/** Whether a role takes the step; the server decides again. */
export function mayStep(event: CycleEvent, role: string): boolean {
  const isOfOffice = event === 'open' || event === 'close_field_work';
  return isOfOffice ? OFFICE.has(role) : role === 'committee_chair';
}

export type Need = 'notice' | 'rubrics' | 'plan' | 'settled' | 'decided' | 'unscheduled';

/** Something a step asks for, and how much of it is open. */
export interface Needed {
  need: Need;
  isMet: boolean;
  open: number;
}

const needed = (need: Need, open: number): Needed => ({ need, isMet: open === 0, open });

/** What a step needs, met or not. */
export function needsOf(event: CycleEvent, gates: CycleGates): Needed[] {
  switch (event) {
    case 'open':
      return [
        needed('notice', gates.notice_recorded ? 0 : 1),
        needed('rubrics', gates.centres_without_rubric),
        needed('plan', gates.visits > 0 ? 0 : 1),
      ];
    case 'close_field_work':
      return [needed('settled', gates.visits_unsettled)];
    case 'decide':
      return [needed('decided', gates.centres_undecided)];
    case 'publish':
    case 'close':
      return [needed('unscheduled', gates.publications_scheduled)];
  }
}
