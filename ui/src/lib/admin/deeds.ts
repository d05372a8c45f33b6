/** What the audit and the quarantine speak of, in words; what a newer server knows shows as its word. */
import type { AuditEntry } from '$lib/api/central/admin';
import { stepWords } from '$lib/admin/words';
import type { CycleEvent } from '$lib/api/central/admin';
import { stageWords } from '$lib/committee/words';
import { errorWords } from '$lib/errors';
import { fmt } from '$lib/i18n.svelte';
import { roleWords } from '$lib/portal/words';
import { m } from '$paraglide/messages';

const WORDS = {
  administrator_made: () => m.admin_deed_administrator_made(),
  account_changed: () => m.admin_deed_account_changed(),
  agency_added: () => m.admin_deed_agency_added(),
  bundle_carried: () => m.admin_deed_bundle_carried(),
  centre_decided: () => m.admin_deed_centre_decided(),
  centre_added: () => m.admin_deed_centre_added(),
  critical_ruled: () => m.admin_deed_critical_ruled(),
  code_issued: () => m.admin_deed_code_issued(),
  cycle_added: () => m.admin_deed_cycle_added(),
  cycle_stepped: () => m.admin_deed_cycle_stepped(),
  database_moved: () => m.admin_deed_database_moved(),
  database_restored: () => m.admin_deed_database_restored(),
  device_enrolled: () => m.admin_deed_device_enrolled(),
  device_revoked: () => m.admin_deed_device_revoked(),
  evaluation_received: () => m.admin_deed_evaluation_received(),
  explanation_read: () => m.admin_deed_explanation_read(),
  factor_begun: () => m.admin_deed_factor_begun(),
  factor_confirmed: () => m.admin_deed_factor_confirmed(),
  factor_reset: () => m.admin_deed_factor_reset(),
  committee_rules_set: () => m.admin_deed_committee_rules_set(),
  meeting_called: () => m.admin_deed_meeting_called(),
  meeting_changed: () => m.admin_deed_meeting_changed(),
  meeting_stepped: () => m.admin_deed_meeting_stepped(),
  agenda_stepped: () => m.admin_deed_agenda_stepped(),
  vote_cast: () => m.admin_deed_vote_cast(),
  discussion_noted: () => m.admin_deed_discussion_noted(),
  dissent_recorded: () => m.admin_deed_dissent_recorded(),
  member_recused: () => m.admin_deed_member_recused(),
  notice_recorded: () => m.admin_deed_notice_recorded(),
  agency_changed: () => m.admin_deed_agency_changed(),
  centre_changed: () => m.admin_deed_centre_changed(),
  appeal_file_attached: () => m.admin_deed_appeal_file_attached(),
  retention_set: () => m.admin_deed_retention_set(),
  evidence_purged: () => m.admin_deed_evidence_purged(),
  password_changed: () => m.admin_deed_password_changed(),
  password_set: () => m.admin_deed_password_set(),
  publication_scheduled: () => m.admin_deed_publication_scheduled(),
  publication_cancelled: () => m.admin_deed_publication_cancelled(),
  publication_due: () => m.admin_deed_publication_due(),
  person_added: () => m.admin_deed_person_added(),
  programme_imported: () => m.admin_deed_programme_imported(),
  push_refused: () => m.admin_deed_push_refused(),
  quarantine_read: () => m.admin_deed_quarantine_read(),
  quarantine_released: () => m.admin_deed_quarantine_released(),
  quarantine_set_aside: () => m.admin_deed_quarantine_set_aside(),
  results_read: () => m.admin_deed_results_read(),
  review_begun: () => m.admin_deed_review_begun(),
  review_set: () => m.admin_deed_review_set(),
  action_changed: () => m.admin_deed_action_changed(),
  appeal_filed: () => m.admin_deed_appeal_filed(),
  appeal_read: () => m.admin_deed_appeal_read(),
  appeal_ruled: () => m.admin_deed_appeal_ruled(),
  appeal_withdrawn: () => m.admin_deed_appeal_withdrawn(),
  review_taken_over: () => m.admin_deed_review_taken_over(),
  rubric_added: () => m.admin_deed_rubric_added(),
  rubrics_mapped: () => m.admin_deed_rubrics_mapped(),
  second_begun: () => m.admin_deed_second_begun(),
  second_submitted: () => m.admin_deed_second_submitted(),
  second_taken_over: () => m.admin_deed_second_taken_over(),
  signed_in: () => m.admin_deed_signed_in(),
  signed_out: () => m.admin_deed_signed_out(),
  sign_in_refused: () => m.admin_deed_sign_in_refused(),
  visit_accepted: () => m.admin_deed_visit_accepted(),
  visit_assigned: () => m.admin_deed_visit_assigned(),
  visit_cancelled: () => m.admin_deed_visit_cancelled(),
  visit_declined: () => m.admin_deed_visit_declined(),
  visit_exposed: () => m.admin_deed_visit_exposed(),
  visit_planned: () => m.admin_deed_visit_planned(),
  visit_returned: () => m.admin_deed_visit_returned(),
  visit_validated: () => m.admin_deed_visit_validated(),
} satisfies Record<string, () => string>;

type Deed = keyof typeof WORDS;
/** Every deed that is known here. */
export const DEEDS = Object.keys(WORDS) as Deed[];

const known = <Word extends string>(words: Record<Word, () => string>, word: string) =>
  word in words ? words[word as Word]() : word;

export const deedWords = (deed: string): string => known(WORDS, deed);

const SUBJECTS = {
  agency: () => m.admin_agency(),
  centre: () => m.admin_centre(),
  cycle: () => m.admin_cycle_title(),
  device: () => m.admin_device(),
  meeting: () => m.admin_subject_meeting(),
  operation: () => m.admin_quarantine_record(),
  person: () => m.admin_subject_person(),
  publication: () => m.admin_subject_publication(),
  rubric: () => m.admin_rubric_title(),
  visit: () => m.admin_subject_visit(),
} satisfies Record<string, () => string>;

/** The kind of thing and the end of its id, by which two of a kind are told apart. */
export function subjectWords(subject: AuditEntry['subject']): string {
  return subject ? `${known(SUBJECTS, subject.kind)} ${subject.id.slice(-6)}` : '–';
}

const VALUES: Record<string, (value: string) => string> = {
  role: roleWords,
  state: stageWords,
  // Nothing but rotation can be passed over.
  overruled: () => m.admin_overruled_rotation(),
  event: (value) => stepWords(value as CycleEvent),
  code: (value) => errorWords({ code: value, params: {} }),
  kind: (value) =>
    value === 'agencies' || value === 'centres'
      ? known(
          { agencies: () => m.admin_agencies_tab(), centres: () => m.admin_centres_tab() },
          value,
        )
      : value,
  by: (value) =>
    known(
      {
        password: () => m.portal_password(),
        device_key: () => m.admin_detail_by_device(),
        enrolment_code: () => m.admin_code_issue(),
      },
      value,
    ),
  outcome: (value) =>
    known(
      {
        applied: () => m.admin_detail_applied(),
        rejected: () => m.admin_detail_rejected(),
        conflict: () => m.admin_detail_conflict(),
        same: () => m.admin_detail_unchanged(),
      },
      value,
    ),
  set: (value) =>
    known({ open: () => m.admin_person_active(), closed: () => m.admin_person_closed() }, value),
};
const NAMES = {
  role: () => m.admin_role(),
  event: () => m.admin_detail_step(),
  set: () => m.admin_state(),
  wipe: () => m.admin_device_wipe(),
  rows: () => m.admin_detail_rows(),
  kind: () => m.admin_kind_of_file(),
  code: () => m.admin_import_problem(),
  evaluator: () => m.admin_evaluator(),
  quorum: () => m.admin_settings_quorum(),
  only_in_meetings: () => m.admin_settings_meetings(),
  second_share: () => m.admin_settings_share(),
  tolerance_points: () => m.admin_settings_tolerance(),
  outlier_points: () => m.admin_settings_outlier(),
  by: () => m.admin_detail_by(),
  state: () => m.admin_state(),
  outcome: () => m.committee_outcome(),
  cycle: () => m.admin_cycle_title(),
  centre: () => m.admin_centre(),
  centres: () => m.admin_centres_count(),
  criterion: () => m.committee_criterion_head(),
  confirmed: () => m.admin_detail_confirmed(),
  revision: () => m.admin_detail_revision(),
  missing: () => m.admin_detail_missing(),
  person: () => m.admin_subject_person(),
  meeting: () => m.admin_subject_meeting(),
  scorecard: () => m.centre_card_title(),
  sha256: () => m.admin_head_hash(),
  earlier: () => m.committee_mapping_earlier(),
  at: () => m.admin_detail_at(),
  overruled: () => m.admin_detail_overruled(),
} satisfies Record<string, () => string>;

const FLAGS: Record<string, () => string> = {
  true: () => m.admin_yes(),
  false: () => m.admin_no(),
};

function valueWords(deed: string, name: string, value: string): string {
  // Meetings have steps of their own under the same words.
  if (name === 'event' && deed !== 'cycle_stepped') return value;
  if (value in FLAGS) return FLAGS[value]?.() ?? value;
  if (/^[0-9a-f]{64}$/.test(value)) return value.slice(-6);
  if (/^\d{1,12}$/.test(value)) return fmt().number(Number(value));
  if (/^\d{13}$/.test(value) && name === 'at') return fmt().dateTime(Number(value));
  // Of an id the end is enough to tell it from another; the whole of it stands in the entry.
  if (/^[0-9a-f-]{36}$/.test(value)) return value.slice(-6);
  return VALUES[name]?.(value) ?? value;
}

/** What else an entry says. */
export function detailsWords({ deed, details }: Pick<AuditEntry, 'deed' | 'details'>): string {
  return Object.entries(details)
    .map(([name, value]) => `${known(NAMES, name)}: ${valueWords(deed, name, value)}`)
    .join(' · ');
}

const RECORDS = {
  rubric: () => m.admin_rubric_title(),
  visit: () => m.admin_subject_visit(),
  acceptance: () => m.admin_record_acceptance(),
  answer: () => m.admin_record_answer(),
  timeline: () => m.admin_record_timeline(),
  evaluation: () => m.admin_record_evaluation(),
} satisfies Record<string, () => string>;

/** A kind of record as devices send it. */
export const recordKindWords = (kind: string): string => known(RECORDS, kind);
