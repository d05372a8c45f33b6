// What the committee asks of the server: cycles at a glance, centres, comparisons, meetings, publications.
import { call, fetchBytes } from '$lib/api/central/call';
import type { ListQuery } from '$lib/api/central/lists';
import type { Central } from '$lib/api/central/types';
import type { Language } from '$lib/api/types';

export type Cycle = Central['CycleJson'];
export type Overview = Central['Overview'];
export type ModelOverview = Central['ModelOverview'];
export type PartOverview = Central['PartOverview'];
export type ComparedCentre = Central['ComparedCentre'];
export type CentrePage = Central['CentrePage'];
export type CriticalStanding = Central['CriticalStanding'];
export type Remark = Central['RemarkJson'];
export type Result = Central['ResultJson'];
export type Explanation = Central['ExplanationJson'];
export type Step = Central['StepJson'];
export type Decision = Central['Decision'];
export type LikeForLike = Central['LikeForLikeCentre'];
export type Mapping = Central['MappingJson'];
export type MappedLine = Central['MappedJson'];
export type Meeting = Central['MeetingJson'];
export type AgendaItem = Central['AgendaItem'];
export type Member = Central['MemberJson'];
export type Vote = Central['VoteJson'];
export type SignedMinutes = Central['SignedMinutes'];
export type Publication = Central['ScheduledPublication'];

/** Which centres of a comparison are wanted; empty texts want all. */
export interface Facets {
  agency: string;
  governorate: string;
  size: string;
  operator: string;
  level: string;
  outcome: string;
}

const AT_ONCE = 200;

/** Only what is asked for. */
function asked(query: object): Record<string, string | number | undefined> {
  const wanted = Object.entries(query).filter(([, value]) => value !== '' && value !== undefined);
  return Object.fromEntries(wanted) as Record<string, string | number | undefined>;
}

const item = (meeting: string, centre: string) => ({ path: { meeting, centre } });

export const committee = {
  cycles: () => call('get', '/cycles'),
  step: (cycle: string, event: Central['CycleStep']['event']) =>
    call('post', '/cycles/{cycle}/step', { path: { cycle }, input: { event } }),
  overview: (cycle: string) => call('get', '/cycles/{cycle}/overview', { path: { cycle } }),
  compare: (cycle: string, model: string, query: ListQuery & Partial<Facets>) =>
    call('get', '/cycles/{cycle}/comparison/{model}', {
      path: { cycle, model },
      query: asked(query),
    }),
  /** Every centre of a model, the best first. */
  all: async (cycle: string, model: string): Promise<ComparedCentre[]> => {
    const all: ComparedCentre[] = [];
    for (let page = 1; ; page += 1) {
      const { rows, total } = await committee.compare(cycle, model, { page, per: AT_ONCE });
      all.push(...rows);
      if (rows.length === 0 || all.length >= total) return all;
    }
  },
  /** Every centre of a cycle, whatever its model. */
  everywhere: async (cycle: string): Promise<ComparedCentre[]> => {
    const { models } = await committee.overview(cycle);
    const all = await Promise.all(models.map(({ model }) => committee.all(cycle, model)));
    return all.flat();
  },
  since: (cycle: string, model: string, earlier: string, query: ListQuery) =>
    call('get', '/cycles/{cycle}/comparison/{model}/since/{earlier}', {
      path: { cycle, model, earlier },
      query: asked(query),
    }),
  readings: (cycle: string, model: string) =>
    call('get', '/cycles/{cycle}/readings/{model}', { path: { cycle, model } }),
  centre: (cycle: string, centre: string) =>
    call('get', '/cycles/{cycle}/centres/{centre}', { path: { cycle, centre } }),
  explanation: (cycle: string, centre: string) =>
    call('get', '/cycles/{cycle}/centres/{centre}/explanation', { path: { cycle, centre } }),
  decide: (cycle: string, centre: string, decision: Decision) =>
    call('post', '/cycles/{cycle}/centres/{centre}/decision', {
      path: { cycle, centre },
      input: decision,
    }),
  mapping: {
    read: (earlier: string, later: string) =>
      call('get', '/rubrics/{earlier}/mapping/{later}', { path: { earlier, later } }),
    edit: (earlier: string, later: string, lines: MappedLine[]) =>
      call('put', '/rubrics/{earlier}/mapping/{later}', {
        path: { earlier, later },
        input: { lines },
      }),
  },
  rules: (cycle: string) => call('get', '/cycles/{cycle}/committee-rules', { path: { cycle } }),
  meetings: {
    list: (cycle: string) => call('get', '/cycles/{cycle}/meetings', { path: { cycle } }),
    call: (cycle: string, date: string, place: string, centres: string[]) =>
      call('post', '/cycles/{cycle}/meetings', {
        path: { cycle },
        input: { date, place, centres },
      }),
    read: (meeting: string) => call('get', '/meetings/{meeting}', { path: { meeting } }),
    change: (meeting: string, change: Partial<Central['ChangeMeeting']>) =>
      call('post', '/meetings/{meeting}', { path: { meeting }, input: change }),
    step: (meeting: string, event: 'open' | 'close') =>
      call('post', '/meetings/{meeting}/step', { path: { meeting }, input: { event } }),
    minutes: (meeting: string) => call('get', '/meetings/{meeting}/minutes', { path: { meeting } }),
    stepItem: (meeting: string, centre: string, event: string) =>
      call('post', '/meetings/{meeting}/centres/{centre}/step', {
        ...item(meeting, centre),
        input: { event },
      }),
    vote: (meeting: string, centre: string, vote: Vote) =>
      call('post', '/meetings/{meeting}/centres/{centre}/vote', {
        ...item(meeting, centre),
        input: vote,
      }),
    note: (meeting: string, centre: string, text: string) =>
      call('post', '/meetings/{meeting}/centres/{centre}/notes', {
        ...item(meeting, centre),
        input: { text },
      }),
    dissent: (meeting: string, centre: string, text: string) =>
      call('post', '/meetings/{meeting}/centres/{centre}/dissents', {
        ...item(meeting, centre),
        input: { text },
      }),
    recuse: (meeting: string, centre: string, person: string, reason: string) =>
      call('post', '/meetings/{meeting}/centres/{centre}/recusals', {
        ...item(meeting, centre),
        input: { person, reason },
      }),
  },
  publications: {
    list: (cycle: string) => call('get', '/cycles/{cycle}/publications', { path: { cycle } }),
    schedule: (cycle: string, centres: string[] | null, at: number | null) =>
      call('post', '/cycles/{cycle}/publications', {
        path: { cycle },
        input: { centres, at },
      }),
    cancel: (publication: string, reason: string) =>
      call('post', '/publications/{publication}/cancel', {
        path: { publication },
        input: { reason },
      }),
  },
};

/** The minutes of a meeting as a document. */
export async function minutesPdf(meeting: string, lang: Language) {
  const path = { meeting };
  const { body } = await fetchBytes('get', '/meetings/{meeting}/minutes/pdf', {
    path,
    query: { lang },
  });
  return body;
}

/** The signed minutes of a meeting, byte for byte as the server gives them. */
export async function minutesFile(meeting: string): Promise<Uint8Array<ArrayBuffer>> {
  const { body } = await fetchBytes('get', '/meetings/{meeting}/minutes', { path: { meeting } });
  return body;
}
