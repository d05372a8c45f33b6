/** Finding a criterion by its id or by words in either language, as people type them. */
import type { Criterion } from '$lib/api/types';
import { toLatinDigits } from '$lib/visit/decimal';

/** A text with what makes no difference to a reader taken off: marks, letter forms, case. */
export function folded(text: string): string {
  return toLatinDigits(text.normalize('NFKD'))
    .replace(/[\p{Mark}\u0640]/gu, '')
    .replace(/[\u0622\u0623\u0625\u0671]/g, '\u0627')
    .replace(/\u0629/g, '\u0647')
    .replace(/\u0649/g, '\u064A')
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .trim();
}

/** What a criterion is found by; made once, as it costs more than the search. */
export function haystack(criterion: Criterion): string {
  return folded(`${criterion.id} ${criterion.name.ar} ${criterion.name.en}`);
}

/** Whether every word of the query occurs. A folded query is given, so that it is folded once. */
export function isFound(hay: string, foldedQuery: string): boolean {
  return foldedQuery.split(' ').every((word) => hay.includes(word));
}
