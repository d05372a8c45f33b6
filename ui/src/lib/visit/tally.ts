/** What a visit holds, counted for the person who is about to sign it. No score is among it. */
import type { VisitWork } from '$lib/visit/visitWork.svelte';

/** The counts of the summary. */
export interface Tally {
  scored: number;
  na: number;
  ne: number;
  notes: number;
  evidence: number;
  times: number;
}

/** Counts a visit. A file attached to two criteria is one file. */
export function tally(work: Pick<VisitWork, 'criteria' | 'view'>): Tally {
  const has = (key: 'value' | 'na' | 'ne') =>
    work.criteria.filter(({ given }) => given !== null && key in given).length;
  const contactTimes = work.view.contacts.flatMap((contact) => contact.moments);
  return {
    scored: has('value'),
    na: has('na'),
    ne: has('ne'),
    notes: work.criteria.filter((one) => one.note.trim() !== '').length,
    evidence: new Set(work.view.evidence.map((item) => item.sha256)).size,
    times: work.view.times.length + contactTimes.length,
  };
}
