/** Why an evaluator may not be given a visit: the rule, what it found, and that nobody may pass over it. */
import type { Candidate } from '$lib/api/central/admin';
import { fmt } from '$lib/i18n.svelte';
import { m } from '$paraglide/messages';

type Bar = Candidate['barred'][number];

const WORDS: Record<string, (params: Record<string, string>) => string> = {
  'assignment.exposed': () => m.admin_stop_exposed(),
  'assignment.same_cycle': () => m.admin_stop_same_cycle(),
  'assignment.interest': () => m.admin_stop_interest(),
  'assignment.own_agency': () => m.admin_stop_own_agency(),
  'assignment.rotation': ({ days, needed }) =>
    m.admin_stop_rotation({
      days: fmt().number(Number(days ?? 0)),
      needed: fmt().number(Number(needed ?? 0)),
    }),
};

/** A rule that bars, in words; one that a newer server knows shows as its code. */
export const stopWords = ({ code, params }: Bar): string => WORDS[code]?.(params ?? {}) ?? code;

/** Those who may come first, the least busy before the others; then those who may not. */
export function inOrder(candidates: readonly Candidate[]): Candidate[] {
  const order = (one: Candidate) => (one.barred.length === 0 ? one.visits : 1e6 + one.visits);
  return candidates.toSorted((a, b) => order(a) - order(b));
}
