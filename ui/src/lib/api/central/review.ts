// What reviewers ask of the server: the queue, visits under review, second scorings, what they did.
import { call, fetchBytes } from '$lib/api/central/call';
import type { Central } from '$lib/api/central/types';
import type { Rubric } from '$lib/api/types';

export type QueuedVisit = Central['QueuedVisit'];
export type Finding = Central['FindingJson'];
export type OtherVisit = Central['OtherVisit'];
export type TakenBy = Central['TakenBy'];
export type ReviewVisit = Central['ReviewVisit'];
export type Ruling = Central['RulingJson'];
export type Question = Central['Question'];
export type Answer = Central['AnswerJson'];
export type EvidenceRef = Central['EvidenceRef'];
export type SecondItem = Central['SecondItem'];
export type SecondVisit = Central['SecondVisit'];
export type SecondComparison = Central['SecondComparison'];
export type AnswerPair = Central['AnswerPair'];
export type ReviewDeed = Central['ReviewDeed'];

/** What of a sealed document a review page reads. */
export interface SealedDocument {
  revision: number;
  visit_kind: string;
  answers: Answer[];
  times: Record<string, number>;
  contacts?: { id: string; channel: string; moments: { moment: string; at: number }[] }[];
  evidence: EvidenceRef[];
  submitted_at: number;
}

/** The document of a sealed evaluation, as it was signed. */
export function documentOf(visit: ReviewVisit): SealedDocument {
  return JSON.parse(visit.sealed.document) as SealedDocument;
}

/** A rubric in its file's words, which are those of the evaluator's screens. */
export const rubricOf = (json: unknown): Rubric => json as Rubric;

const at = (visit: string) => ({ path: { visit } });

export const review = {
  queue: () => call('get', '/review/queue'),
  history: (before?: number) => call('get', '/review/history', { query: { before } }),
  takeUp: (visit: string) => call('post', '/visits/{visit}/review', at(visit)),
  read: (visit: string) => call('get', '/visits/{visit}/review', at(visit)),
  takeOver: (visit: string, reason: string) =>
    call('post', '/visits/{visit}/review/take-over', { ...at(visit), input: { reason } }),
  sendBack: (visit: string, revision: number, questions: Question[]) =>
    call('post', '/visits/{visit}/return', {
      ...at(visit),
      query: { revision },
      input: { questions },
    }),
  validate: (visit: string, revision: number) =>
    call('post', '/visits/{visit}/validate', { ...at(visit), query: { revision } }),
  rule: (cycle: string, centre: string, criterion: string, confirmed: boolean, reason: string) =>
    call('post', '/cycles/{cycle}/centres/{centre}/critical', {
      path: { cycle, centre },
      input: { criterion, confirmed, reason },
    }),
  second: {
    list: () => call('get', '/review/second'),
    take: (visit: string) => call('post', '/visits/{visit}/second', at(visit)),
    takeOver: (visit: string, reason: string) =>
      call('post', '/visits/{visit}/second/take-over', { ...at(visit), input: { reason } }),
    answer: (visit: string, answer: Answer) =>
      call('post', '/visits/{visit}/second/answers', { ...at(visit), input: answer }),
    submit: (visit: string) => call('post', '/visits/{visit}/second/submit', at(visit)),
    compare: (visit: string) => call('get', '/visits/{visit}/second/comparison', at(visit)),
  },
};

/** The bytes of a piece of evidence. */
export async function evidenceFile(file: EvidenceRef): Promise<Blob> {
  const path = { sha256: file.sha256 };
  const { body } = await fetchBytes('get', '/evidence/{sha256}', { path });
  return new Blob([body], { type: file.media_type });
}
