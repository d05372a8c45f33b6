/** The four steps of a visit: which is next, which are open, which are done. */
import type { VisitState } from '$lib/api/types';
import type { VisitStep } from '$lib/app/route';

/** How a step stands. */
export type StepStanding = 'done' | 'open' | 'locked';

const BEFORE: readonly VisitState[] = ['planned', 'assigned', 'declined', 'cancelled', 'exposed'];
const AFTER: readonly VisitState[] = ['submitted', 'in_review', 'validated', 'counted'];

/** Where opening a visit leads. */
export function nextStep(state: VisitState): VisitStep {
  if (BEFORE.includes(state)) return 'brief';
  if (AFTER.includes(state)) return 'check';
  return state === 'accepted' ? 'times' : 'score';
}

/** Whether the visit is submitted and cannot be worked on. */
export function isSealed(state: VisitState): boolean {
  return AFTER.includes(state);
}

/** Whether a step may be opened: before the visit is accepted only its brief is. */
export function isReachable(step: VisitStep, state: VisitState): boolean {
  return step === 'brief' || !BEFORE.includes(state);
}

/** What a step's standing depends on. */
export interface StepFacts {
  state: VisitState;
  hasEnded: boolean;
  /** Everything is answered and nothing of an answer is missing. */
  isScored: boolean;
}

/** How a step stands. */
export function standingOf(step: VisitStep, facts: StepFacts): StepStanding {
  if (!isReachable(step, facts.state)) return 'locked';
  const isDone = {
    brief: !BEFORE.includes(facts.state),
    times: facts.hasEnded,
    score: facts.isScored,
    check: isSealed(facts.state),
  }[step];
  return isDone ? 'done' : 'open';
}
