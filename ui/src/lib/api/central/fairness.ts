// How far a cycle's numbers can be trusted, and what would change a level.
import { call, fetchBytes } from '$lib/api/central/call';
import type { Central } from '$lib/api/central/types';

export type Fairness = Central['Fairness'];
export type Bounded = Central['BoundedJson'];
export type Agreement = Central['Agreement'];
export type CriterionAgreement = Central['CriterionAgreement'];
export type EvaluatorFigures = Central['EvaluatorFigures'];
export type AdjustedCentre = Central['AdjustedCentre'];
export type DoubleScored = Central['DoubleScored'];
export type Uncertainty = Central['Uncertainty'];
export type CentreUncertainty = Central['CentreUncertainty'];
export type Levers = Central['LeversJson'];
export type LeverSets = Central['LeverSets'];
export type Supposed = Central['SupposedJson'];

export const fairness = {
  read: (cycle: string, model: string) =>
    call('get', '/cycles/{cycle}/fairness/{model}', { path: { cycle, model } }),
  uncertainty: (cycle: string, model: string) =>
    call('get', '/cycles/{cycle}/uncertainty/{model}', { path: { cycle, model } }),
  levers: (cycle: string, centre: string) =>
    call('get', '/cycles/{cycle}/centres/{centre}/levers', { path: { cycle, centre } }),
};

/** The ratings of a model as a table (CSV), evaluators under pseudonyms. */
export async function ratingsTable(cycle: string, model: string): Promise<Uint8Array<ArrayBuffer>> {
  const { body } = await fetchBytes('get', '/cycles/{cycle}/ratings/{model}', {
    path: { cycle, model },
  });
  return body;
}
