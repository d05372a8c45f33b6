/** The words of what the committee reads and does. A word of a later release shows as it is. */
import { m } from '$paraglide/messages';

import type { Vote } from '$lib/api/central/committee';
import { STAGES, type Blocker, type CycleEvent } from '$lib/committee/cycle';
import type { Hindrance } from '$lib/committee/agenda';
import type { FacetName } from '$lib/committee/compare';
import type { Root } from '$lib/committee/explain';
import type { Standing } from '$lib/committee/publish';
import { isolated } from '$lib/format';
import { fmt } from '$lib/i18n.svelte';

type Words = Record<string, () => string>;
const word = (words: Words, key: string) => words[key]?.() ?? key;

const STAGE: Record<(typeof STAGES)[number], () => string> = {
  draft: () => m.committee_stage_draft(),
  open: () => m.committee_stage_open(),
  reviewing: () => m.committee_stage_reviewing(),
  decided: () => m.committee_stage_decided(),
  published: () => m.committee_stage_published(),
  closed: () => m.committee_stage_closed(),
};
const STEP: Record<CycleEvent, () => string> = {
  open: () => m.committee_step_open(),
  close_field_work: () => m.committee_step_close_field_work(),
  decide: () => m.committee_step_decide(),
  publish: () => m.committee_step_publish(),
  close: () => m.committee_step_close(),
};
const STEP_EFFECT: Record<CycleEvent, () => string> = {
  open: () => m.committee_effect_open(),
  close_field_work: () => m.committee_effect_close_field_work(),
  decide: () => m.committee_effect_decide(),
  publish: () => m.committee_effect_publish(),
  close: () => m.committee_effect_close(),
};
const BLOCKER: Record<Blocker['what'], (input: { count: string }) => string> = {
  visits: (input) => m.committee_blocker_visits(input),
  centres: (input) => m.committee_blocker_centres(input),
  publications: (input) => m.committee_blocker_publications(input),
};
const LEVEL: Words = {
  platinum: () => m.committee_level_platinum(),
  gold: () => m.committee_level_gold(),
  silver: () => m.committee_level_silver(),
  meets: () => m.committee_level_meets(),
  needs_improvement: () => m.committee_level_needs_improvement(),
};
const OUTCOME: Words = {
  level: () => m.committee_outcome_level(),
  no_score: () => m.committee_outcome_no_score(),
  insufficient_evidence: () => m.committee_outcome_insufficient(),
  committee_decision: () => m.committee_outcome_decision(),
};
const RESULT: Words = {
  scored: () => m.committee_result_scored(),
  na: () => m.committee_result_na(),
  ne: () => m.committee_result_ne(),
};
const READING: Words = {
  driver: () => m.committee_reading_driver(),
  element: () => m.committee_reading_element(),
  stage: () => m.committee_reading_stage(),
  experience: () => m.committee_reading_experience(),
};
const TAG: Record<string, Words> = {
  driver: {
    speed: () => m.committee_driver_speed(),
    knowledge: () => m.committee_driver_knowledge(),
    fairness: () => m.committee_driver_fairness(),
    courtesy: () => m.committee_driver_courtesy(),
    outcome: () => m.committee_driver_outcome(),
    ease: () => m.committee_driver_ease(),
    transparency: () => m.committee_driver_transparency(),
    trust: () => m.committee_driver_trust(),
  },
  element: {
    accessibility: () => m.committee_element_accessibility(),
    user_centred: () => m.committee_element_user_centred(),
    transparency: () => m.committee_element_transparency(),
    responsiveness: () => m.committee_element_responsiveness(),
    empowerment: () => m.committee_element_empowerment(),
    consistency: () => m.committee_element_consistency(),
    improvement: () => m.committee_element_improvement(),
  },
  stage: {
    find: () => m.committee_journey_find(),
    arrival: () => m.committee_journey_arrival(),
    contact: () => m.committee_journey_contact(),
    wait: () => m.committee_journey_wait(),
    service: () => m.committee_journey_service(),
    outcome: () => m.committee_journey_outcome(),
    follow_up: () => m.committee_journey_follow_up(),
    management: () => m.committee_journey_management(),
  },
  experience: {
    digital: () => m.committee_experience_digital(),
    in_person: () => m.committee_experience_in_person(),
    phone: () => m.committee_experience_phone(),
    feedback: () => m.committee_experience_feedback(),
    accessibility: () => m.committee_experience_accessibility(),
    proactive: () => m.committee_experience_proactive(),
  },
};
const RULE: Words = {
  weighted_mean: () => m.committee_rule_weighted_mean(),
  weighted_sum: () => m.committee_rule_weighted_sum(),
  mean: () => m.committee_rule_mean(),
  same: () => m.committee_rule_same(),
  scale: () => m.committee_rule_scale(),
  scored_share: () => m.committee_rule_scored_share(),
  compliance_share: () => m.committee_rule_compliance_share(),
  no_score: () => m.committee_rule_no_score(),
};
const ROOT: Record<Root, () => string> = {
  score: () => m.committee_score(),
  coverage: () => m.committee_coverage(),
  basic_compliance: () => m.committee_basic(),
};
const CRITICAL: Words = {
  open: () => m.committee_critical_open(),
  confirmed: () => m.committee_critical_confirmed(),
  dismissed: () => m.committee_critical_dismissed(),
};
const EFFECT: Words = {
  cap: () => m.committee_critical_cap(),
  fail: () => m.committee_critical_fail(),
};
const MEETING: Words = {
  planned: () => m.committee_meeting_planned(),
  open: () => m.committee_meeting_open(),
  closed: () => m.committee_meeting_closed(),
};
const ITEM: Words = {
  waiting: () => m.committee_item_waiting(),
  balloting: () => m.committee_item_balloting(),
  discussing: () => m.committee_item_discussing(),
  decided: () => m.committee_item_decided(),
  deferred: () => m.committee_item_deferred(),
};
const GROUND: Words = {
  agency: () => m.committee_ground_agency(),
  interest: () => m.committee_ground_interest(),
  own_reason: () => m.committee_ground_own_reason(),
};
const HINDRANCE: Record<Hindrance, () => string> = {
  not_present: () => m.committee_hindrance_not_present(),
  recused: () => m.committee_hindrance_recused(),
  no_quorum: () => m.committee_hindrance_no_quorum(),
  votes_missing: () => m.committee_hindrance_votes_missing(),
  meeting_planned: () => m.committee_hindrance_planned(),
};
const MEETING_HINDRANCE: Words = {
  agenda_empty: () => m.committee_hindrance_agenda_empty(),
  no_quorum: () => m.committee_hindrance_present(),
  items_pending: () => m.committee_hindrance_pending(),
};
const LIKENESS: Words = {
  same: () => m.committee_likeness_same(),
  reworded: () => m.committee_likeness_reworded(),
  new_scale: () => m.committee_likeness_new_scale(),
  new: () => m.committee_likeness_new(),
  dropped: () => m.committee_likeness_dropped(),
};
const PUBLICATION: Words = {
  scheduled: () => m.committee_publication_scheduled(),
  published: () => m.committee_publication_published(),
  cancelled: () => m.committee_publication_cancelled(),
};
const STANDING: Record<Standing, () => string> = {
  ready: () => m.committee_standing_ready(),
  scheduled: () => m.committee_publication_scheduled(),
  published: () => m.committee_publication_published(),
  undecided: () => m.committee_standing_undecided(),
};
const SIZE: Words = {
  small: () => m.committee_size_small(),
  medium: () => m.committee_size_medium(),
  large: () => m.committee_size_large(),
};
const FACET: Record<FacetName, () => string> = {
  agency: () => m.committee_agency(),
  governorate: () => m.committee_governorate(),
  size: () => m.committee_size(),
  operator: () => m.committee_operator(),
  level: () => m.committee_level(),
  outcome: () => m.committee_outcome(),
};

/** The levels of the programme's rubrics, the best first. */
export const LEVELS = Object.keys(LEVEL);

export const stageWords = (stage: string): string => word(STAGE, stage);
export const stepWords = (event: CycleEvent): string => STEP[event]();
export const effectWords = (event: CycleEvent): string => STEP_EFFECT[event]();
export const blockerWords = ({ what, count }: Blocker): string =>
  BLOCKER[what]({ count: fmt().number(count) });
export const levelWords = (level: string): string => word(LEVEL, level);
export const resultWords = (state: string): string => word(RESULT, state);
export const readingWords = (reading: string): string => word(READING, reading);
export const tagWords = (reading: string, tag: string): string => word(TAG[reading] ?? {}, tag);
/** Tags in the order in which people know them; those of a later release come last. */
export function inTagOrder<Part>(
  reading: string,
  parts: readonly Part[],
  idOf: (part: Part) => string,
): Part[] {
  const known = Object.keys(TAG[reading] ?? {});
  const place = (part: Part) => known.indexOf(idOf(part)) + (known.includes(idOf(part)) ? 0 : 99);
  return [...parts].sort((a, b) => place(a) - place(b));
}
export const ruleWords = (rule: string): string => word(RULE, rule);
export const rootWords = (root: Root): string => ROOT[root]();
export const criticalWords = (state: string): string => word(CRITICAL, state);
export const criticalEffectWords = (effect: string): string => word(EFFECT, effect);
export const meetingWords = (state: string): string => word(MEETING, state);
export const itemWords = (state: string): string => word(ITEM, state);
export const groundWords = (ground: string): string => word(GROUND, ground);
export const hindranceWords = (hindrance: Hindrance): string => HINDRANCE[hindrance]();
export const meetingHindranceWords = (hindrance: string): string =>
  word(MEETING_HINDRANCE, hindrance);
export const likenessWords = (likeness: string): string => word(LIKENESS, likeness);
export const publicationWords = (state: string): string => word(PUBLICATION, state);
export const standingWords = (standing: Standing): string => STANDING[standing]();
export const facetWords = (facet: FacetName): string => FACET[facet]();

/** A value of a facet in words. */
export function facetValueWords(facet: FacetName, value: string): string {
  if (facet === 'size') return word(SIZE, value);
  return facet === 'outcome' ? word(OUTCOME, value) : value;
}

/** The level of a result, or what stands in its place. */
export function outcomeWords(outcome: string, level: string | null | undefined): string {
  return level ? levelWords(level) : word(OUTCOME, outcome);
}

export const pillarWords = (id: string): string => m.committee_pillar({ id: isolated(id) });
export const criterionWords = (id: string): string => m.committee_criterion({ id: isolated(id) });

/** A shown number in the reader's digits, or a dash. */
export const shown = (number: string | null | undefined): string =>
  number ? fmt().decimal(number) : '–';
export const percent = (number: string | null | undefined): string =>
  number ? m.committee_percent({ number: fmt().decimal(number) }) : '–';

/** What somebody voted; a level by the name that its rubric gives it. */
export function voteWords(
  { choice, level }: Vote,
  naming: { level: (id: string) => string },
): string {
  if (choice === 'agree') return m.committee_vote_agree();
  if (choice === 'no_level') return m.committee_vote_no_level();
  return m.committee_vote_level({ level: naming.level(level ?? choice) });
}
