/** What a scorecard says of a pillar or a criterion, in words. */
import type { CriterionOutline, PillarOutline, Result } from '$lib/api/central/replies';
import { fmt } from '$lib/i18n.svelte';
import { m } from '$paraglide/messages';

/** From this score a criterion is not worth a second look. */
const GOOD_FROM = 75;

export function resultWords(result: Result | undefined): string {
  if (result?.score) return fmt().decimal(result.score);
  return result?.state === 'na' ? m.centre_na() : m.centre_ne();
}

export interface CriterionRow {
  pillar: PillarOutline;
  criterion: CriterionOutline;
  result: Result | undefined;
}

/** The criteria in the rubric's order, each with its result; those alone that ask for a look, if wanted. */
export function criterionRows(
  pillars: readonly PillarOutline[],
  results: readonly Result[],
  isBelowOnly: boolean,
): CriterionRow[] {
  const found = new Map(results.map((result) => [result.id, result]));
  const rows = pillars.flatMap((pillar) =>
    pillar.criteria.map((criterion) => ({ pillar, criterion, result: found.get(criterion.id) })),
  );
  if (!isBelowOnly) return rows;
  return rows.filter(({ result }) => result?.score && Number(result.score) < GOOD_FROM);
}
