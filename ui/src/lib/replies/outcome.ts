/** What a scorecard came to, in words. */
import type { LevelRow } from '$lib/api/central/replies';
import { text } from '$lib/i18n.svelte';
import { m } from '$paraglide/messages';

/** The level, or what stands in its place. */
export function outcomeWords(of: { level?: LevelRow | null; outcome: string }): string {
  if (of.level) return text(of.level.name);
  if (of.outcome === 'no_score') return m.centre_no_score();
  if (of.outcome === 'insufficient_evidence') return m.centre_insufficient();
  return m.centre_undecided();
}
