/** Which criteria a visit is judged on, how far it has come, and which of them a filter keeps. */
import type { Criterion, Pillar, Rubric, VisitKind } from '$lib/api/types';

/** What the list of criteria is narrowed to. */
export type Filter = 'all' | 'unanswered' | 'missing' | 'questions';

/** Whether a word of an address is a filter. */
export function isFilter(word: string): word is Filter {
  return ['all', 'unanswered', 'missing', 'questions'].includes(word);
}

/** How many of how many. */
export interface Progress {
  answered: number;
  of: number;
}

/** The part of a criterion's state that progress and filters look at. */
export interface Standing {
  isAnswered: boolean;
  /** Something else than the answer itself is missing: evidence, a note, a fitting value. */
  lacks: boolean;
  hasQuestion: boolean;
}

/** The pillars with the criteria judged on this kind of visit; a pillar left empty is left out. */
export function judged(rubric: Rubric, kind: VisitKind): Pillar[] {
  const isJudged = (criterion: Criterion) => criterion.visits.includes(kind);
  return rubric.pillars
    .map((pillar) => ({ ...pillar, criteria: pillar.criteria.filter(isJudged) }))
    .filter((pillar) => pillar.criteria.length > 0);
}

/** How many of the criteria are answered. */
export function progressOf(criteria: Iterable<Pick<Standing, 'isAnswered'>>): Progress {
  const progress = { answered: 0, of: 0 };
  for (const { isAnswered } of criteria) {
    progress.of += 1;
    if (isAnswered) progress.answered += 1;
  }
  return progress;
}

/** Whether a filter keeps a criterion. */
export function isKept(filter: Filter, standing: Standing): boolean {
  switch (filter) {
    case 'all':
      return true;
    case 'unanswered':
      return !standing.isAnswered;
    case 'missing':
      return !standing.isAnswered || standing.lacks;
    case 'questions':
      return standing.hasQuestion;
  }
}

/** The place reached from one place in a list of `length`, kept inside it. */
export function moved(from: number, by: number, length: number): number {
  return Math.max(0, Math.min(length - 1, from + by));
}

/**
 * The first criterion of the next pillar in a list that shows some criteria only. Going back leads
 * to the start of the current pillar first, as a reader expects of a "previous" key.
 */
export function pillarMove(pillars: readonly string[], from: number, by: 1 | -1): number {
  const own = pillars[from];
  if (by === 1) {
    const next = pillars.findIndex((pillar, place) => place > from && pillar !== own);
    return next === -1 ? from : next;
  }
  const start = pillars.indexOf(own ?? '');
  if (start < from) return Math.max(0, start);
  const before = pillars[from - 1];
  return before === undefined ? 0 : pillars.indexOf(before);
}
