/** What an answer says, where its scale is not at hand. */
import type { Answer } from '$lib/api/central/review';
import { fmt } from '$lib/i18n.svelte';
import { valueWord } from '$lib/visit/words';
import { m } from '$paraglide/messages';

export function answerWords(answer: Answer): string {
  if (answer.na !== undefined && answer.na !== null) return m.visit_na();
  if (answer.ne !== undefined && answer.ne !== null) return m.visit_ne();
  const { value } = answer;
  if (value === undefined || value === null) return '–';
  const isDecimal = typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value);
  return isDecimal ? fmt().decimal(value) : valueWord(value);
}
