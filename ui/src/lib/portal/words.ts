// The words of roles and of tables.
import { m } from '$paraglide/messages';

import { ROLES, type Role } from '$lib/api/central/types';
import { fmt } from '$lib/i18n.svelte';

const WORDS: Record<Role, () => string> = {
  administrator: () => m.portal_role_administrator(),
  rubric_editor: () => m.portal_role_rubric_editor(),
  central_team: () => m.portal_role_central_team(),
  evaluator: () => m.portal_role_evaluator(),
  reviewer: () => m.portal_role_reviewer(),
  committee_chair: () => m.portal_role_committee_chair(),
  committee_member: () => m.portal_role_committee_member(),
  coordinator: () => m.portal_role_coordinator(),
  manager: () => m.portal_role_manager(),
  observer: () => m.portal_role_observer(),
};

/** A role in words; one that a newer server knows and we do not is shown as it is. */
export function roleWords(role: string): string {
  const known = ROLES.find((one) => one === role);
  return known ? WORDS[known]() : role;
}

/** The words of every table; in the shape a table takes them. */
export function tableWords() {
  return {
    filter: m.portal_table_filter(),
    clear: m.portal_table_clear(),
    export: m.portal_table_export(),
    loading: m.app_loading(),
    previous: m.portal_table_previous(),
    next: m.portal_table_next(),
    perPage: m.portal_table_per_page(),
    range: (from: number, to: number, total: number) =>
      m.portal_table_range({
        from: fmt().number(from),
        to: fmt().number(to),
        total: fmt().number(total),
      }),
    pages: m.portal_table_pages(),
  };
}
