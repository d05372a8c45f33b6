// What administrators and the central team ask of the server: the programme's parts, people and devices,
// cycles and their visits, rubrics, the audit, and what was refused.
import { call } from '$lib/api/central/call';
import type { ListQuery } from '$lib/api/central/lists';
import type { Central } from '$lib/api/central/types';
import type { Rubric } from '$lib/api/types';

export type Agency = Central['AgencyJson'];
export type Centre = Central['CentreJson'];
export type NewCentre = Central['NewCentre'];
export type Import = Central['Import'];
export type ImportFault = Central['ImportFault'];
export type ImportKind = Central['ImportKind'];
export type Person = Central['Person'];
export type NewPerson = Central['NewPerson'];
export type PersonRow = Central['PersonRow'];
export type Device = Central['DeviceJson'];
export type EnrolmentCode = Central['EnrolmentCode'];
export type Cycle = Central['CycleJson'];
export type NewCycle = Central['NewCycle'];
export type CycleSetup = Central['CycleSetup'];
export type CycleGates = Central['CycleGates'];
/** The steps of a cycle. */
export type CycleEvent = 'open' | 'close_field_work' | 'decide' | 'publish' | 'close';
export type CycleNotice = Central['Notice'];
export type ReviewSettings = Central['ReviewSettings'];
export type CommitteeRules = Central['CommitteeRules'];
export type Visit = Central['VisitJson'];
export type NewVisit = Central['NewVisit'];
export type PlannedVisit = Central['PlannedVisit'];
export type Candidate = Central['CandidateJson'];
export type RubricRef = Central['RubricRef'];
export type RubricCheck = Central['RubricCheck'];
export type RubricFault = Central['RubricFault'];
export type AuditEntry = Central['AuditEntry'];
export type AuditHead = Central['AuditHead'];
export type QuarantineItem = Central['QuarantineItem'];
export type QuarantineRecord = Central['QuarantineRecord'];

/** A rubric in its file's words, which are those of the evaluator's screens. */
export type RubricFile = Rubric;

/** A page of a list, with what else limits it. */
const paged = <More extends object>({ page, per, sort, filter }: ListQuery, more: More) => ({
  query: {
    page,
    per,
    sort: sort === '' ? undefined : sort,
    filter: filter === '' ? undefined : filter,
    ...more,
  },
});
const given = (text: string) => (text === '' ? undefined : text);
const of = {
  cycle: (cycle: string) => ({ path: { cycle } }),
  visit: (visit: string) => ({ path: { visit } }),
  person: (person: string) => ({ path: { person } }),
  operation: (operation: string) => ({ path: { operation } }),
};

export const programme = {
  agencies: () => call('get', '/agencies'),
  addAgency: (input: Central['NewAgency']) => call('post', '/agencies', { input }),
  changeAgency: (agency: string, input: Central['ChangeAgency']) =>
    call('post', '/agencies/{agency}', { path: { agency }, input }),
  centres: () => call('get', '/centres'),
  changeCentre: (centre: string, input: Central['ChangeCentre']) =>
    call('post', '/centres/{centre}', { path: { centre }, input }),
  addCentre: (input: NewCentre) => call('post', '/centres', { input }),
  checkFile: (kind: ImportKind, text: string) =>
    call('post', '/imports', { input: { kind, text, dry_run: true } }),
  importFile: (kind: ImportKind, text: string) =>
    call('post', '/imports', { input: { kind, text, dry_run: false } }),
};

export const people = {
  all: () => call('get', '/people'),
  list: (asked: ListQuery, role: string) =>
    call('get', '/lists/people', paged(asked, { role: given(role) })),
  add: (input: NewPerson) => call('post', '/people', { input }),
  setActive: (person: string, active: boolean, reason: string) =>
    call('post', '/people/{person}', { ...of.person(person), input: { active, reason } }),
  issueCode: (person: string) => call('post', '/people/{person}/enrolment-code', of.person(person)),
  setPassword: (person: string, password: string) =>
    call('post', '/people/{person}/password', { ...of.person(person), input: { new: password } }),
  removeFactor: (person: string) => call('delete', '/people/{person}/totp', of.person(person)),
};

export const devices = {
  list: () => call('get', '/devices'),
  revoke: (device: string, wipe: boolean) =>
    call('post', '/devices/{device}/revoke', { path: { device }, input: { wipe } }),
};

export const cycles = {
  list: () => call('get', '/cycles'),
  add: (input: NewCycle) => call('post', '/cycles', { input }),
  setup: (cycle: string) => call('get', '/cycles/{cycle}/setup', of.cycle(cycle)),
  notice: (cycle: string, input: CycleNotice) =>
    call('post', '/cycles/{cycle}/notice', { ...of.cycle(cycle), input }),
  step: (cycle: string, event: CycleEvent) =>
    call('post', '/cycles/{cycle}/step', { ...of.cycle(cycle), input: { event } }),
  review: (cycle: string) => call('get', '/cycles/{cycle}/review-settings', of.cycle(cycle)),
  setReview: (cycle: string, input: ReviewSettings) =>
    call('post', '/cycles/{cycle}/review-settings', { ...of.cycle(cycle), input }),
  rules: (cycle: string) => call('get', '/cycles/{cycle}/committee-rules', of.cycle(cycle)),
  setRules: (cycle: string, input: CommitteeRules) =>
    call('put', '/cycles/{cycle}/committee-rules', { ...of.cycle(cycle), input }),
  retention: (cycle: string) => call('get', '/cycles/{cycle}/retention', of.cycle(cycle)),
  setRetention: (cycle: string, days: number) =>
    call('put', '/cycles/{cycle}/retention', { ...of.cycle(cycle), input: { days } }),
  purge: (cycle: string) => call('post', '/cycles/{cycle}/purge', of.cycle(cycle)),
};

export const visits = {
  list: (cycle: string) => call('get', '/cycles/{cycle}/visits', of.cycle(cycle)),
  plan: (cycle: string, input: NewVisit) =>
    call('post', '/cycles/{cycle}/visits', { ...of.cycle(cycle), input }),
  read: (visit: string) => call('get', '/visits/{visit}', of.visit(visit)),
  candidates: (visit: string) => call('get', '/visits/{visit}/candidates', of.visit(visit)),
  assign: (visit: string, evaluator: string, overrule?: string) =>
    call('post', '/visits/{visit}/assign', { ...of.visit(visit), input: { evaluator, overrule } }),
  cancel: (visit: string, reason: string) =>
    call('post', '/visits/{visit}/cancel', { ...of.visit(visit), input: { reason } }),
  expose: (visit: string, reason: string) =>
    call('post', '/visits/{visit}/expose', { ...of.visit(visit), input: { reason } }),
};

export const rubrics = {
  list: () => call('get', '/rubrics'),
  read: async (rubric: string) =>
    (await call('get', '/rubrics/{rubric}', { path: { rubric } })) as RubricFile,
  check: (text: string) => call('post', '/rubrics/check', { input: { text } }),
  add: (input: unknown) => call('post', '/rubrics', { input }),
};

export const audit = {
  list: (asked: ListQuery, deed: string, person: string) =>
    call('get', '/lists/audit', paged(asked, { deed: given(deed), person: given(person) })),
  head: () => call('get', '/audit/head'),
};

export const quarantine = {
  list: (state: string, skip: number) => call('get', '/quarantine', { query: { state, skip } }),
  read: (operation: string) => call('get', '/quarantine/{operation}', of.operation(operation)),
  release: (operation: string) =>
    call('post', '/quarantine/{operation}/release', of.operation(operation)),
  setAside: (operation: string, reason: string) =>
    call('post', '/quarantine/{operation}/set-aside', {
      ...of.operation(operation),
      input: { reason },
    }),
};
