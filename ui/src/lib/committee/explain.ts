/** The way from a number to what it came from: score, pillar, criterion, visit. */
import type { Explanation, Step } from '$lib/api/central/committee';

export type Root = keyof Explanation;
export const ROOTS: readonly Root[] = ['score', 'coverage', 'basic_compliance'];

/** Where somebody is on the way, as the address has it. */
export interface Place {
  root: Root;
  pillar?: string;
  criterion?: string;
  /** The evaluation, as explanations name it. */
  visit?: string;
}

export function placeOf(query: Record<string, string>): Place {
  const root = ROOTS.find((one) => one === query.of) ?? 'score';
  return { root, pillar: query.pillar, criterion: query.criterion, visit: query.visit };
}

/** The same as an address has it. */
export function queryOf({ root, pillar, criterion, visit }: Place): Record<string, string> {
  const all = { of: root === 'score' ? undefined : root, pillar, criterion, visit };
  const given = Object.entries(all).filter((entry): entry is [string, string] => Boolean(entry[1]));
  return Object.fromEntries(given);
}

/** The steps from the number to where somebody is; a place that is not there ends the way before it. */
export function wayTo(explanation: Explanation, place: Place): Step[] {
  const way = [explanation[place.root]];
  const down = (id: string | undefined, subject: string) => {
    if (id === undefined) return;
    const next = way.at(-1)?.from?.find((step) => step.subject === subject && step.id === id);
    if (next) way.push(next);
  };
  if (place.root === 'score') down(place.pillar, 'pillar');
  down(place.criterion, 'criterion');
  const answer = way.at(-1)?.subject === 'criterion' ? answersOf(way.at(-1)) : [];
  const visit = answer.find((step) => step.id === place.visit);
  if (visit) way.push(visit);
  return way;
}

/** Every answer below a step. */
export function answersOf(step: Step | undefined): Step[] {
  if (step === undefined) return [];
  if (step.subject === 'answer') return [step];
  return (step.from ?? []).flatMap(answersOf);
}

/** The place of a step below another. */
export function below(place: Place, step: Step): Place {
  if (step.subject === 'pillar') return { root: place.root, pillar: step.id ?? undefined };
  if (step.subject === 'criterion') {
    return { root: place.root, pillar: place.pillar, criterion: step.id ?? undefined };
  }
  return { ...place, visit: step.id ?? undefined };
}
