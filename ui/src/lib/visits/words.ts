// What the list of visits says in words.
import { m } from '$paraglide/messages';

import type { VisitSummary } from '$lib/api/types';
import { fmt } from '$lib/i18n.svelte';
import type { Group, Today } from '$lib/visits/group';

const NAMES: Record<Group, () => string> = {
  returned: () => m.app_group_returned(),
  due: () => m.app_group_due(),
  to_submit: () => m.app_group_to_submit(),
  to_accept: () => m.app_group_to_accept(),
  upcoming: () => m.app_group_upcoming(),
  sending: () => m.app_group_sending(),
  done: () => m.app_group_done(),
};

export const groupName = (group: Group): string => NAMES[group]();

/** The time that matters next for a visit; empty when none does. */
export function dueWords(visit: VisitSummary, today: Today): string {
  const open = visit.state === 'accepted' || visit.state === 'in_progress';
  if (visit.report_due_ms !== null) {
    const when = fmt().relative(visit.report_due_ms, today.nowMs);
    return visit.report_due_ms < today.nowMs
      ? m.app_due_report_late({ when })
      : m.app_due_report({
          when,
          at:
            visit.report_due_ms <= today.endMs
              ? fmt().time(visit.report_due_ms)
              : fmt().dateTime(visit.report_due_ms),
        });
  }
  if (!open) return '';
  if (visit.to < today.day) return m.app_due_window_passed();
  if (visit.to === today.day) return m.app_due_window_today();
  return '';
}
