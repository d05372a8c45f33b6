// What centres reply to a scorecard, and what those ask who hear appeals.
import { call, fetchBytes } from '$lib/api/central/call';
import type { ListQuery } from '$lib/api/central/lists';
import type { Central } from '$lib/api/central/types';

export type ScorecardPage = Central['ScorecardPage'];
export type PillarOutline = Central['PillarOutline'];
export type CriterionOutline = Central['CriterionOutline'];
export type Result = Central['ResultJson'];
export type Remark = Central['RemarkJson'];
export type AppealWindow = Central['AppealWindow'];
export type ActionRow = Central['ActionJson'];
export type ActionHistory = Central['ActionHistory'];
export type ChangeAction = Central['ChangeAction'];
export type Appeal = Central['AppealJson'];
export type AppealFile = Central['AppealFile'];
export type NewAppeal = Central['NewAppeal'];
export type AppealCase = Central['AppealCase'];
export type HeardVisit = Central['HeardVisit'];
export type HeardRuling = Central['HeardRuling'];
export type Correction = Central['CorrectionJson'];
export type NewRuling = Central['NewRuling'];
export type Effect = Central['Effect'];
export type Standing = Central['Standing'];
export type LevelRow = Central['LevelRow'];

/** A list's question, and the state that is wanted of it. */
export interface StateQuery extends ListQuery {
  state?: string;
}

const orNone = (text: string | undefined) => (text === '' ? undefined : text);
const said = ({ page, per, sort, filter, state }: StateQuery) => ({
  page,
  per,
  sort: orNone(sort),
  filter: orNone(filter),
  state: orNone(state),
});

const at = (appeal: string) => ({ path: { appeal } });

export const replies = {
  page: (scorecard: string) => call('get', '/scorecards/{scorecard}', { path: { scorecard } }),
  file: (scorecard: string, input: NewAppeal) =>
    call('post', '/scorecards/{scorecard}/appeals', { path: { scorecard }, input }),
  actions: (query: StateQuery) => call('get', '/lists/actions', { query: said(query) }),
  action: (action: string) => call('get', '/actions/{action}', { path: { action } }),
  change: (action: string, input: ChangeAction) =>
    call('post', '/actions/{action}', { path: { action }, input }),
  appeals: (query: StateQuery) => call('get', '/lists/appeals', { query: said(query) }),
  appeal: (appeal: string) => call('get', '/appeals/{appeal}', at(appeal)),
  attach: (appeal: string, file: File) =>
    call('post', '/appeals/{appeal}/files', { ...at(appeal), query: { name: file.name }, file }),
  attached: async (appeal: string, { sha256, media_type }: AppealFile) => {
    const path = { appeal, sha256 };
    const { body } = await fetchBytes('get', '/appeals/{appeal}/files/{sha256}', { path });
    return new Blob([body], { type: media_type });
  },
  withdraw: (appeal: string) => call('post', '/appeals/{appeal}/withdraw', at(appeal)),
  case: (appeal: string) => call('get', '/appeals/{appeal}/case', at(appeal)),
  preview: (appeal: string, corrections: Correction[]) =>
    call('post', '/appeals/{appeal}/preview', { ...at(appeal), input: { corrections } }),
  rule: (appeal: string, input: NewRuling) =>
    call('post', '/appeals/{appeal}/ruling', { ...at(appeal), input }),
};
