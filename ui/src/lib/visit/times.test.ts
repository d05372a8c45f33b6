import { describe, expect, it } from 'vitest';
import type { MomentView } from '$lib/api/types';
import { elapsedMs, isTooLong, latest, nextMoment, spanMs, type Moment } from '$lib/visit/times';

const MINUTE = 60_000;
const times = (noted: Partial<Record<Moment, number>>): MomentView[] =>
  Object.entries(noted).map(([moment, minute]) => ({
    moment,
    at_ms: minute * MINUTE,
  }));

describe('moments of a visit', () => {
  it.each([
    ['before the visit', {}, 'arrived'],
    ['on arrival', { arrived: 0 }, 'ticket'],
    ['no ticket was given', { arrived: 0, greeted: 1 }, 'called'],
    ['greeted before the ticket', { arrived: 0, greeted: 1, ticket: 2 }, 'called'],
    ['at the end', { arrived: 0, left: 9 }, null],
  ] as const)('%s', (_, noted, next) => {
    expect(nextMoment(times(noted))).toBe(next);
  });

  it('a span needs both its moments', () => {
    const noted = times({ arrived: 0, ticket: 2, called: 24 });
    expect(spanMs(noted, { from: 'ticket', to: 'called' })).toBe(22 * MINUTE);
    expect(spanMs(noted, { from: 'called', to: 'done' })).toBeNull();
  });

  it('a reversed span is shown as it is, not hidden', () => {
    expect(spanMs(times({ called: 5, done: 3 }), { from: 'called', to: 'done' })).toBe(-2 * MINUTE);
  });

  it('the clock runs from the arrival until the leaving', () => {
    expect(elapsedMs([], 5)).toBeNull();
    expect(elapsedMs(times({ arrived: 1 }), 4 * MINUTE)).toBe(3 * MINUTE);
    expect(elapsedMs(times({ arrived: 1, left: 2 }), 9 * MINUTE)).toBe(MINUTE);
    expect(elapsedMs(times({ arrived: 5 }), 4 * MINUTE), 'a clock set back').toBe(0);
  });

  it('warns only above the longest duration', () => {
    expect(isTooLong(90 * MINUTE, 90)).toBe(false);
    expect(isTooLong(90 * MINUTE + 1, 90)).toBe(true);
    expect(isTooLong(999 * MINUTE, null)).toBe(false);
    expect(isTooLong(null, 1)).toBe(false);
  });

  it('the last moment is the latest, in whatever order they came', () => {
    expect(latest(times({ called: 9, arrived: 1 }))?.moment).toBe('called');
    expect(latest([])).toBeNull();
  });
});
