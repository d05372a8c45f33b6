// My visits by what is due: pure, so that the order of a working day can be tested.
import type { Model, VisitKind, VisitSummary } from '$lib/api/types';
import { folded, isFound } from '$lib/visit/search';

export const GROUPS = [
  'returned',
  'due',
  'to_submit',
  'to_accept',
  'upcoming',
  'sending',
  'done',
] as const;
export type Group = (typeof GROUPS)[number];

export interface Today {
  nowMs: number;
  /** The calendar's day where the device is. */
  day: string;
  /** The last moment of that day. */
  endMs: number;
}

/** Today in the device's own zone. */
export function todayAt(nowMs: number): Today {
  const now = new Date(nowMs);
  const two = (value: number) => String(value).padStart(2, '0');
  const end = new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1);
  return {
    nowMs,
    day: `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`,
    endMs: end.getTime() - 1,
  };
}

/** Past the time the report had to be in (M8). */
export function isOverdue(visit: VisitSummary, today: Today): boolean {
  return visit.report_due_ms !== null && visit.report_due_ms < today.nowMs;
}

function isDue(visit: VisitSummary, today: Today): boolean {
  if (visit.report_due_ms !== null) return visit.report_due_ms <= today.endMs;
  return visit.to <= today.day;
}

export function groupOf(visit: VisitSummary, today: Today): Group {
  switch (visit.state) {
    case 'returned':
      return 'returned';
    case 'accepted':
    case 'in_progress':
      if (isDue(visit, today)) return 'due';
      return visit.state === 'in_progress' || visit.from <= today.day ? 'to_submit' : 'upcoming';
    case 'assigned':
      return 'to_accept';
    case 'planned':
      return 'upcoming';
    case 'submitted':
    case 'in_review':
    case 'validated':
    case 'counted':
      return visit.delivery.state === 'sent' ? 'done' : 'sending';
    case 'declined':
    case 'cancelled':
    case 'exposed':
      return 'done';
  }
}

/** The most pressing first; what is done, the latest first. */
function order(group: Group): (a: VisitSummary, b: VisitSummary) => number {
  const pressing = (visit: VisitSummary) =>
    visit.report_due_ms ?? Date.parse(`${visit.to}T23:59:59`);
  const tie = (a: VisitSummary, b: VisitSummary) => a.centre_code.localeCompare(b.centre_code);
  if (group === 'done') return (a, b) => b.to.localeCompare(a.to) || tie(a, b);
  if (group === 'upcoming') return (a, b) => a.from.localeCompare(b.from) || tie(a, b);
  return (a, b) => pressing(a) - pressing(b) || tie(a, b);
}

/** Groups that have visits, in the order of their urgency. */
export function grouped(
  visits: readonly VisitSummary[],
  today: Today,
): { group: Group; visits: VisitSummary[] }[] {
  const by = new Map<Group, VisitSummary[]>();
  for (const visit of visits) {
    const group = groupOf(visit, today);
    const list = by.get(group);
    if (list) list.push(visit);
    else by.set(group, [visit]);
  }
  return GROUPS.flatMap((group) => {
    const list = by.get(group);
    return list ? [{ group, visits: list.sort(order(group)) }] : [];
  });
}

export interface Wanted {
  search: string;
  kind: VisitKind | 'all';
  model: Model | 'all';
}

/** Every word of the search must occur in the centre, the agency or the code. */
export function wanted(visits: readonly VisitSummary[], by: Wanted): VisitSummary[] {
  const query = folded(by.search);
  return visits.filter((visit) => {
    if (by.kind !== 'all' && visit.kind !== by.kind) return false;
    if (by.model !== 'all' && visit.model !== by.model) return false;
    if (query === '') return true;
    const { centre, agency, centre_code } = visit;
    const hay = [centre_code, centre.ar, centre.en, agency.ar, agency.en].join(' ');
    return isFound(folded(hay), query);
  });
}
