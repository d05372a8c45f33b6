// Two versions of one record, as words that can be compared.
import type { AnswerView, Criterion, Rubric } from '$lib/api/types';
import { text } from '$lib/i18n.svelte';
import type { Given } from '$lib/visit/saves';
import { stepsOf } from '$lib/visit/scales';
import { givenWord, valueWord } from '$lib/visit/words';

export function criterionOf(rubric: Rubric | undefined, id: string | null): Criterion | undefined {
  return rubric?.pillars.flatMap((pillar) => pillar.criteria).find((one) => one.id === id);
}

function givenOf(answer: AnswerView): Given | null {
  if (answer.na !== null) return { na: answer.na };
  if (answer.ne !== null) return { ne: answer.ne };
  return answer.value === null ? null : { value: answer.value };
}

/** An answer in its scale's words, and below it the anchor or the reason that explains it. */
export function answerWords(
  answer: AnswerView,
  criterion: Criterion | undefined,
): { value: string; detail: string | null } {
  const given = givenOf(answer);
  if (given === null) return { value: '', detail: null };
  const reason = answer.na ?? answer.ne;
  if (criterion === undefined) {
    return { value: 'value' in given ? valueWord(given.value) : '', detail: reason };
  }
  const value = givenWord(criterion, given);
  if (!('value' in given)) return { value, detail: reason };
  const step = stepsOf(criterion.scale).find((one) => one.value === given.value);
  const anchor = step && criterion.anchors[step.anchor];
  return { value, detail: anchor ? text(anchor) : null };
}
