/** How sure a score is, in words. */
import type { CentreUncertainty } from '$lib/api/central/fairness';
import { fmt } from '$lib/i18n.svelte';
import { m } from '$paraglide/messages';

/** Between what a score lies; null where it cannot be told. */
export function sureRange({ score }: CentreUncertainty): string | null {
  if (typeof score.low !== 'number' || typeof score.high !== 'number') return null;
  const one = (figure: number) => fmt().decimal(figure.toFixed(1));
  return m.committee_sure_from_to({ low: one(score.low), high: one(score.high) });
}

/** The places that a centre cannot be told from: its own among them. */
export function placesWords({ alike }: CentreUncertainty): string {
  const [first, last] = alike ?? [];
  if (first === undefined || last === undefined) return '–';
  if (first === last) return m.committee_sure_alike_alone();
  const place = (index: number) => fmt().number(index + 1);
  return m.committee_sure_from_to({ low: place(first), high: place(last) });
}
