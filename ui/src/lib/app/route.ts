// Addresses of the screens: parsing and writing them, nothing else.

export const VISIT_STEPS = ['brief', 'times', 'score', 'check'] as const;
export type VisitStep = (typeof VISIT_STEPS)[number];

export type Route =
  | { name: 'visits' }
  | {
      name: 'visit';
      visit: string;
      /** Null: whatever step is next for this visit. */
      step: VisitStep | null;
      query: Record<string, string>;
    }
  | { name: 'sync' }
  | { name: 'conflicts' }
  | { name: 'settings' };

function isStep(word: string): word is VisitStep {
  return (VISIT_STEPS as readonly string[]).includes(word);
}

function decoded(word: string): string {
  try {
    return decodeURIComponent(word);
  } catch {
    return word;
  }
}

/** Whatever is not an address of ours leads to the list of visits. */
export function parseRoute(hash: string): Route {
  const [path = '', search = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  const [head, id, step, ...rest] = path.split('/').filter((word) => word !== '');
  if (rest.length > 0) return { name: 'visits' };
  if (head === 'visits' && id !== undefined) {
    if (step !== undefined && !isStep(step)) return { name: 'visits' };
    const query = Object.fromEntries(new URLSearchParams(search));
    return { name: 'visit', visit: decoded(id), step: step ?? null, query };
  }
  if (id !== undefined) return { name: 'visits' };
  if (head === 'sync' || head === 'conflicts' || head === 'settings') return { name: head };
  return { name: 'visits' };
}

export function visitHref(
  visit: string,
  step?: VisitStep | null,
  query: Record<string, string> = {},
): string {
  const search = new URLSearchParams(query).toString();
  const tail = step ? `/${step}` : '';
  return `#/visits/${encodeURIComponent(visit)}${tail}${search ? `?${search}` : ''}`;
}

export function href(name: 'visits' | 'sync' | 'conflicts' | 'settings'): string {
  return `#/${name}`;
}

/** Two routes that are the same screen: moving between them keeps the focus where it is. */
export function sameScreen(a: Route, b: Route): boolean {
  if (a.name !== b.name) return false;
  if (a.name === 'visit' && b.name === 'visit') return a.visit === b.visit && a.step === b.step;
  return true;
}
