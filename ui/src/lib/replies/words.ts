/** The words of appeals and actions; a word that a newer server knows shows as it is. */
import { m } from '$paraglide/messages';

type Words = Record<string, () => string>;

export const GROUNDS = [
  'factual_error',
  'evidence_ignored',
  'na_misuse',
  'conflict_of_interest',
] as const;
export const APPEAL_STATES = ['filed', 'examined', 'ruled', 'withdrawn'] as const;
export const RULINGS = ['upheld', 'partly', 'refused'] as const;
export const ACTION_STATES = ['open', 'in_progress', 'done'] as const;

const GROUND_WORDS: Words = {
  factual_error: () => m.appeal_ground_factual_error(),
  evidence_ignored: () => m.appeal_ground_evidence_ignored(),
  na_misuse: () => m.appeal_ground_na_misuse(),
  conflict_of_interest: () => m.appeal_ground_conflict_of_interest(),
};
const STATE_WORDS: Words = {
  filed: () => m.appeal_state_filed(),
  examined: () => m.appeal_state_examined(),
  ruled: () => m.appeal_state_ruled(),
  withdrawn: () => m.appeal_state_withdrawn(),
};
const RULING_WORDS: Words = {
  upheld: () => m.appeal_ruling_upheld(),
  partly: () => m.appeal_ruling_partly(),
  refused: () => m.appeal_ruling_refused(),
};
const BODY_WORDS: Words = {
  central_team: () => m.appeal_body_central_team(),
  reviewers: () => m.appeal_body_reviewers(),
  committee: () => m.appeal_body_committee(),
};
const ACTION_WORDS: Words = {
  open: () => m.centre_action_open(),
  in_progress: () => m.centre_action_in_progress(),
  done: () => m.centre_action_done(),
};

const word = (words: Words, key: string) => words[key]?.() ?? key;

export const groundWords = (ground: string): string => word(GROUND_WORDS, ground);
export const appealStateWords = (state: string): string => word(STATE_WORDS, state);
export const rulingWords = (ruling: string): string => word(RULING_WORDS, ruling);
export const bodyWords = (body: string): string => word(BODY_WORDS, body);
export const actionStateWords = (state: string): string => word(ACTION_WORDS, state);
