// The shapes of the central API by the names the pages use.
import type { components } from '$lib/api/generated/central';

export type Central = components['schemas'];

export type Me = Central['Me'];
export type Right = Central['Right'];
export type Topic = Central['Topic'];
export type Begun = Central['Session'];
export type OwnSessions = Central['OwnSessions'];
export type TotpSetup = Central['TotpSetup'];

/** The roles of a programme. */
export const ROLES = [
  'administrator',
  'rubric_editor',
  'central_team',
  'evaluator',
  'reviewer',
  'committee_chair',
  'committee_member',
  'coordinator',
  'manager',
  'observer',
] as const;
export type Role = (typeof ROLES)[number];
