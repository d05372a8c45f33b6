/** The words of a visit's own values: moments, channels, kinds of evidence, steps of a scale. */
import { m } from '$paraglide/messages';

import type { ContactView, Criterion, Missing, Scale } from '$lib/api/types';
import type { VisitStep } from '$lib/app/route';
import { fmt } from '$lib/i18n.svelte';
import { ordinals, type ContactSpan } from '$lib/visit/contacts';
import type { DecimalFault } from '$lib/visit/decimal';
import type { Group } from '$lib/visit/missing';
import type { Filter } from '$lib/visit/progress';
import type { Given } from '$lib/visit/saves';
import type { AnswerValue } from '$lib/visit/scales';

type Words = Record<string, () => string>;

const STEPS: Record<VisitStep, () => string> = {
  brief: () => m.visit_step_brief(),
  times: () => m.visit_step_times(),
  score: () => m.visit_step_score(),
  check: () => m.visit_step_check(),
};
const MOMENTS: Words = {
  arrived: () => m.visit_moment_arrived(),
  ticket: () => m.visit_moment_ticket(),
  greeted: () => m.visit_moment_greeted(),
  called: () => m.visit_moment_called(),
  done: () => m.visit_moment_done(),
  left: () => m.visit_moment_left(),
  dialled: () => m.visit_moment_dialled(),
  answered: () => m.visit_moment_answered(),
  held: () => m.visit_moment_held(),
  resumed: () => m.visit_moment_resumed(),
  sent: () => m.visit_moment_sent(),
  acknowledged: () => m.visit_moment_acknowledged(),
  replied: () => m.visit_moment_replied(),
  started: () => m.visit_moment_started(),
  completed: () => m.visit_moment_completed(),
  ended: () => m.visit_moment_ended(),
};
const CHANNELS: Words = {
  phone: () => m.visit_channel_phone(),
  email: () => m.visit_channel_email(),
  chat: () => m.visit_channel_chat(),
  whatsapp: () => m.visit_channel_whatsapp(),
  social: () => m.visit_channel_social(),
  portal: () => m.visit_channel_portal(),
};
const SPANS: Record<ContactSpan['what'], () => string> = {
  answer: () => m.visit_span_answer(),
  hold: () => m.visit_span_hold(),
  acknowledge: () => m.visit_span_acknowledge(),
  reply: () => m.visit_span_reply(),
  task: () => m.visit_span_task(),
  total: () => m.visit_span_total(),
};
const EVIDENCE: Words = {
  photo: () => m.visit_evidence_photo(),
  screenshot: () => m.visit_evidence_screenshot(),
  receipt: () => m.visit_evidence_receipt(),
  ticket: () => m.visit_evidence_ticket(),
  document: () => m.visit_evidence_document(),
  report: () => m.visit_evidence_report(),
  transcript: () => m.visit_evidence_transcript(),
  call_log: () => m.visit_evidence_call_log(),
  message: () => m.visit_evidence_message(),
  measurement: () => m.visit_evidence_measurement(),
  sheet: () => m.visit_evidence_sheet(),
};
const UNITS: Words = {
  s: () => m.visit_unit_s(),
  min: () => m.visit_unit_min(),
  h: () => m.visit_unit_h(),
  working_h: () => m.visit_unit_working_h(),
};
const VALUES: Words = {
  true: () => m.visit_value_yes(),
  false: () => m.visit_value_no(),
  met: () => m.visit_value_met(),
  partly: () => m.visit_value_partly(),
  not: () => m.visit_value_not(),
  none: () => m.visit_value_none(),
  basic: () => m.visit_value_basic(),
  developing: () => m.visit_value_developing(),
  maturing: () => m.visit_value_maturing(),
  leading: () => m.visit_value_leading(),
};
const GROUPS: Record<Group, () => string> = {
  unanswered: () => m.visit_group_unanswered(),
  evidence: () => m.visit_group_evidence(),
  notes: () => m.visit_group_notes(),
  answers: () => m.visit_group_answers(),
  times: () => m.visit_group_times(),
};
const FILTERS: Record<Filter, () => string> = {
  all: () => m.visit_filter_all(),
  unanswered: () => m.visit_filter_unanswered(),
  missing: () => m.visit_filter_missing(),
  questions: () => m.visit_filter_questions(),
};
const NUMBER_FAULTS: Record<DecimalFault, () => string> = {
  empty: () => m.visit_number_empty(),
  not_a_number: () => m.visit_number_not_a_number(),
  too_large: () => m.visit_number_too_large(),
  too_precise: () => m.visit_number_too_precise(),
};

/** A word of a later release shows as it is. */
const word = (words: Words, key: string) => words[key]?.() ?? key;

export const stepWord = (step: VisitStep): string => STEPS[step]();
export const momentWord = (moment: string): string => word(MOMENTS, moment);
export const channelWord = (channel: string): string => word(CHANNELS, channel);
export const spanWord = (span: ContactSpan['what']): string => SPANS[span]();
export const evidenceWord = (kind: string): string => word(EVIDENCE, kind);
export const unitWord = (unit: string): string => word(UNITS, unit);
export const groupWord = (group: Group): string => GROUPS[group]();
export const filterWord = (filter: Filter): string => FILTERS[filter]();
export const numberFaultWord = (fault: DecimalFault): string => NUMBER_FAULTS[fault]();

/** The name of a step of a scale; a level is its number. */
export function valueWord(value: AnswerValue): string {
  return typeof value === 'number' ? fmt().number(value) : word(VALUES, String(value));
}

/** The unit a number of a scale is typed in. */
export function scaleUnit(scale: Scale): string {
  return scale.kind === 'percent' ? m.visit_unit_percent() : unitWord(scale.unit ?? '');
}

const MEASURED: Record<string, (input: { count: number; shown: string }) => string> = {
  s: (input) => m.visit_measured_s(input),
  min: (input) => m.visit_measured_min(input),
  h: (input) => m.visit_measured_h(input),
  working_h: (input) => m.visit_measured_working_h(input),
};

/** A number with its unit: "22.5 minutes". */
export function measured(scale: Scale, value: string): string {
  const shown = fmt().decimal(value);
  if (scale.kind === 'percent') return m.visit_measured_percent({ shown });
  return MEASURED[scale.unit ?? '']?.({ count: Number(value), shown }) ?? shown;
}

/** An answer in a few words. */
export function givenWord(criterion: Criterion, given: Given): string {
  if ('na' in given) return m.visit_na();
  if ('ne' in given) return m.visit_ne();
  const { scale } = criterion;
  const isNumber = scale.kind === 'timed' || scale.kind === 'percent';
  if (isNumber) return measured(scale, String(given.value));
  if (scale.kind === 'level_0_5') return m.visit_level({ level: valueWord(given.value) });
  return valueWord(given.value);
}

/** A contact by its channel and its number among those of the channel: "Telephone 2". */
export function contactWord(contacts: readonly ContactView[], contact: ContactView): string {
  const number = ordinals(contacts).get(contact.contact) ?? 1;
  return m.visit_contact_name({
    channel: channelWord(contact.channel),
    number: fmt().number(number),
  });
}

/** What to do about something that is missing, in a sentence. */
export function missingWords(missing: Missing, contacts: readonly ContactView[] = []): string {
  const params = missing.params ?? {};
  switch (missing.code) {
    case 'visit.incomplete':
      return m.visit_missing_answer();
    case 'evidence.missing':
      return m.visit_missing_evidence({ kinds: evidenceKinds(params.kinds ?? '') });
    case 'evidence.kind':
      return m.visit_missing_evidence_kind();
    case 'note.missing':
      return m.visit_missing_note();
    case 'note.override':
      return m.visit_missing_override();
    case 'timeline.order': {
      const order = {
        earlier: momentWord(params.earlier ?? ''),
        later: momentWord(params.later ?? ''),
      };
      // The device numbers the contacts from 1, in the order in which they were begun.
      const contact = contacts[Number(params.contact) - 1];
      if (contact === undefined) return m.visit_missing_order(order);
      const named = contactWord(contacts, contact);
      if (order.earlier === '')
        return m.visit_missing_first({ later: order.later, contact: named });
      return m.visit_missing_order_contact({ ...order, contact: named });
    }
    default:
      return m.visit_missing_other({ code: missing.code });
  }
}

/** The kinds of a list such as "photo, receipt" in words. */
export function evidenceKinds(list: string): string {
  const kinds = list.split(',').map((kind) => kind.trim());
  return fmt().either(kinds.filter((kind) => kind !== '').map(evidenceWord));
}
