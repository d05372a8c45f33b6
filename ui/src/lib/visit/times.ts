/** The moments of a visit in person: which comes next, and the waits between them (M17, M12). */
import type { MomentView } from '$lib/api/types';

/** A moment of a visit in person. */
export type Moment = 'arrived' | 'ticket' | 'greeted' | 'called' | 'done' | 'left';

/** The moments in the order in which they usually come. */
export const MOMENTS: readonly Moment[] = [
  'arrived',
  'ticket',
  'greeted',
  'called',
  'done',
  'left',
];

/** A time that is counted from one moment to another. */
export interface Span {
  from: Moment;
  to: Moment;
}

/** The waits shown beside the buttons; the last is the whole visit. */
export const WAITS: readonly Span[] = [
  { from: 'arrived', to: 'greeted' },
  { from: 'ticket', to: 'called' },
  { from: 'called', to: 'done' },
  { from: 'arrived', to: 'left' },
];

/** When a moment was noted; `null` when it was not. */
export function timeOf(times: readonly MomentView[], moment: Moment): number | null {
  return times.find((time) => time.moment === moment)?.at_ms ?? null;
}

/**
 * The moment to offer next: the first that is open after the last one noted. An earlier one that
 * was left out (there was no ticket) stays available but is not pressed on anybody.
 */
export function nextMoment(times: readonly MomentView[]): Moment | null {
  const noted = new Set<string>(times.map((time) => time.moment));
  const last = MOMENTS.findLastIndex((moment) => noted.has(moment));
  return MOMENTS.find((moment, place) => place > last && !noted.has(moment)) ?? null;
}

/** The moment noted last in time; `null` before the first. */
export function latest(times: readonly MomentView[]): MomentView | null {
  return times.reduce<MomentView | null>(
    (last, time) => (last === null || time.at_ms > last.at_ms ? time : last),
    null,
  );
}

/** The milliseconds of a span; `null` while one of its moments is missing. */
export function spanMs(times: readonly MomentView[], span: Span): number | null {
  const from = timeOf(times, span.from);
  const to = timeOf(times, span.to);
  return from === null || to === null ? null : to - from;
}

/** How long the visit lasts or lasted; `null` before the arrival. */
export function elapsedMs(times: readonly MomentView[], now: number): number | null {
  const from = timeOf(times, 'arrived');
  if (from === null) return null;
  return Math.max(0, (timeOf(times, 'left') ?? now) - from);
}

/** Whether the visit outlasts what its scenario allows (M12). */
export function isTooLong(elapsed: number | null, maxMinutes: number | null): boolean {
  return elapsed !== null && maxMinutes !== null && elapsed > maxMinutes * 60_000;
}
