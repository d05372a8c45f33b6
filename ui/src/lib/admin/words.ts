/** The words of closed lists that administrators meet; one that a newer server knows shows as it is. */
import type { CycleEvent } from '$lib/api/central/admin';
import type { VisitState } from '$lib/api/types';
import { stateWords } from '$lib/words';
import { m } from '$paraglide/messages';

export const SIZES = ['small', 'medium', 'large'] as const;
export type Size = (typeof SIZES)[number];
const SIZE_WORDS: Record<Size, () => string> = {
  small: () => m.admin_size_small(),
  medium: () => m.admin_size_medium(),
  large: () => m.admin_size_large(),
};
export const sizeWords = (size: Size): string => SIZE_WORDS[size]();

export const CYCLE_STATES = [
  'draft',
  'open',
  'reviewing',
  'decided',
  'published',
  'closed',
] as const;
export type CycleState = (typeof CYCLE_STATES)[number];

const STEP_WORDS: Record<CycleEvent, () => string> = {
  open: () => m.admin_step_open(),
  close_field_work: () => m.admin_step_close_field_work(),
  decide: () => m.admin_step_decide(),
  publish: () => m.admin_step_publish(),
  close: () => m.admin_step_close(),
};
export const stepWords = (event: CycleEvent): string => STEP_WORDS[event]();

/** A visit's state as planners call it: they see it from the other side than its evaluator. */
export function plannedStateWords(state: string): string {
  return state === 'assigned' ? m.admin_visit_assigned() : stateWords(state as VisitState);
}
