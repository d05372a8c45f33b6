/** What keeps a visit from being submitted, grouped for people, each with the place to mend it. */
import type { Missing } from '$lib/api/types';

/** The groups in the order in which they are shown. */
export const GROUPS = ['unanswered', 'evidence', 'notes', 'answers', 'times'] as const;

/** A group of what is missing. */
export type Group = (typeof GROUPS)[number];

/** The control of a criterion to go to. */
export type Control = 'scale' | 'evidence' | 'note';

/** Where something is mended. */
export type Target =
  { step: 'score'; criterion: string; control: Control } | { step: 'times'; moment: string | null };

/** The group of a fault. A code of a later release still shows, among the answers. */
export function groupOf(missing: Missing): Group {
  switch (missing.code) {
    case 'visit.incomplete':
      return 'unanswered';
    case 'evidence.missing':
    case 'evidence.kind':
      return 'evidence';
    case 'note.missing':
    case 'note.override':
      return 'notes';
    case 'timeline.order':
      return 'times';
    default:
      return missing.criterion === null ? 'times' : 'answers';
  }
}

/** The groups that have something, in order. */
export function grouped(all: readonly Missing[]): { group: Group; missing: Missing[] }[] {
  return GROUPS.map((group) => ({
    group,
    missing: all.filter((one) => groupOf(one) === group),
  })).filter(({ missing }) => missing.length > 0);
}

/** Where to go to mend a fault. */
export function targetOf(missing: Missing): Target {
  if (missing.criterion === null) {
    return { step: 'times', moment: missing.params?.later ?? null };
  }
  const group = groupOf(missing);
  const control = group === 'evidence' ? 'evidence' : group === 'notes' ? 'note' : 'scale';
  return { step: 'score', criterion: missing.criterion, control };
}

/** Whether an answered criterion lacks something. */
export function lacks(missing: readonly Missing[]): boolean {
  return missing.some((one) => one.code !== 'visit.incomplete');
}
