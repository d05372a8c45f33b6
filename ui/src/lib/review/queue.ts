/** The reviewers' queue as somebody asked to see it: filtered, sorted, a page at a time. */
import type { QueuedVisit } from '$lib/api/central/review';
import type { Text } from '$lib/api/types';

export const SORTS = ['age', 'centre', 'findings'] as const;
export type Sort = (typeof SORTS)[number];
export const WHOSE = ['all', 'free', 'mine', 'others'] as const;
export type Whose = (typeof WHOSE)[number];
export const PER_PAGE = 25;

export interface Wanted {
  search: string;
  /** A check's word; empty for all visits. */
  check: string;
  whose: Whose;
  sort: Sort;
  isDescending: boolean;
  /** From 1. */
  page: number;
}

export const FIRST: Wanted = {
  search: '',
  check: '',
  whose: 'all',
  sort: 'age',
  isDescending: false,
  page: 1,
};

const one = <Value extends string>(known: readonly Value[], word: string | undefined) =>
  known.find((value) => value === word);

/** What an address asks for; whatever makes no sense is as if it were not there. */
export function wantedBy(query: Record<string, string>): Wanted {
  const sort = query.sort ?? '';
  return {
    search: query.search ?? '',
    check: query.check ?? '',
    whose: one(WHOSE, query.whose) ?? FIRST.whose,
    sort: one(SORTS, sort.replace(/^-/, '')) ?? FIRST.sort,
    isDescending: sort.startsWith('-'),
    page: /^[1-9]\d{0,4}$/.test(query.page ?? '') ? Number(query.page) : 1,
  };
}

/** The same as an address has it: only what differs from the beginning. */
export function queryOf(wanted: Wanted): Record<string, string> {
  const sort = `${wanted.isDescending ? '-' : ''}${wanted.sort}`;
  const all = { ...wanted, sort, page: String(wanted.page) };
  const usual: Record<string, string> = {
    search: '',
    check: '',
    whose: 'all',
    sort: 'age',
    page: '1',
  };
  return Object.fromEntries(
    Object.entries(usual).flatMap(([name, value]) => {
      const given = all[name as keyof typeof usual & keyof typeof all];
      return typeof given === 'string' && given !== value ? [[name, given]] : [];
    }),
  );
}

function isWhose(visit: QueuedVisit, whose: Whose): boolean {
  if (whose === 'free') return !visit.taken;
  if (whose === 'mine') return visit.taken?.is_you === true;
  return whose === 'all' || (visit.taken !== null && visit.taken?.is_you === false);
}

/** Each check that was found anywhere, with how many visits have it. */
export function checksIn(queue: readonly QueuedVisit[]): [check: string, visits: number][] {
  const counts = new Map<string, number>();
  for (const { findings } of queue)
    for (const check of new Set(findings.map((finding) => finding.check)))
      counts.set(check, (counts.get(check) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => a.localeCompare(b));
}

export interface QueuePage {
  rows: QueuedVisit[];
  total: number;
  page: number;
  pages: number;
}

/** The page that was asked for, or the last where there are not so many. */
export function pageOf(
  queue: readonly QueuedVisit[],
  wanted: Wanted,
  text: (both: Text) => string,
): QueuePage {
  const search = wanted.search.trim().toLowerCase();
  const holds = (visit: QueuedVisit) =>
    `${visit.centre} ${visit.centre_name.ar} ${visit.centre_name.en}`
      .toLowerCase()
      .includes(search);
  const found = queue.filter(
    (visit) =>
      holds(visit) &&
      isWhose(visit, wanted.whose) &&
      (wanted.check === '' || visit.findings.some(({ check }) => check === wanted.check)),
  );
  const by: Record<Sort, (a: QueuedVisit, b: QueuedVisit) => number> = {
    age: (a, b) => a.received_at - b.received_at,
    centre: (a, b) => text(a.centre_name).localeCompare(text(b.centre_name)),
    findings: (a, b) => a.findings.length - b.findings.length,
  };
  const direction = wanted.isDescending ? -1 : 1;
  found.sort((a, b) => direction * by[wanted.sort](a, b) || by.age(a, b));
  const pages = Math.max(1, Math.ceil(found.length / PER_PAGE));
  const page = Math.min(wanted.page, pages);
  const rows = found.slice((page - 1) * PER_PAGE, page * PER_PAGE);
  return { rows, total: found.length, page, pages };
}
