// Lists, a page at a time; and published scorecards as documents.
import { call, fetchBytes } from '$lib/api/central/call';
import type { Central } from '$lib/api/central/types';

export type AgencyRow = Central['AgencyRow'];
export type CentreRow = Central['CentreRow'];
export type ScorecardRow = Central['ScorecardRow'];

/** What a list is asked for; empty texts ask for nothing. */
export interface ListQuery {
  page?: number;
  per?: number;
  sort?: string;
  filter?: string;
}

/** A page of a list. */
export interface Listed<Row> {
  rows: Row[];
  total: number;
}

const said = ({ page, per, sort, filter }: ListQuery) => ({
  page,
  per,
  sort: sort === '' ? undefined : sort,
  filter: filter === '' ? undefined : filter,
});

export const lists = {
  agencies: (query: ListQuery) => call('get', '/lists/agencies', { query: said(query) }),
  centres: (query: ListQuery) => call('get', '/lists/centres', { query: said(query) }),
  scorecards: (query: ListQuery) => call('get', '/lists/scorecards', { query: said(query) }),
};

/** The document of a published scorecard. */
export async function scorecardPdf(scorecard: string, lang: 'ar' | 'en') {
  const path = { scorecard };
  const { body } = await fetchBytes('get', '/scorecards/{scorecard}/pdf', {
    path,
    query: { lang },
  });
  return body;
}
