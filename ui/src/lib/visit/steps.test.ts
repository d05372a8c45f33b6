import { describe, expect, it } from 'vitest';
import { isReachable, nextStep, standingOf } from '$lib/visit/steps';

describe('steps of a visit', () => {
  it.each([
    ['assigned', 'brief'],
    ['accepted', 'times'],
    ['in_progress', 'score'],
    ['returned', 'score'],
    ['submitted', 'check'],
    ['in_review', 'check'],
    ['validated', 'check'],
    ['counted', 'check'],
    ['declined', 'brief'],
    ['cancelled', 'brief'],
    ['exposed', 'brief'],
  ] as const)('a visit that is %s opens at %s', (state, step) => {
    expect(nextStep(state)).toBe(step);
  });

  it('nothing but the brief opens before the visit is accepted', () => {
    expect(isReachable('brief', 'assigned')).toBe(true);
    expect(isReachable('score', 'assigned')).toBe(false);
    expect(isReachable('score', 'accepted')).toBe(true);
    expect(isReachable('check', 'cancelled')).toBe(false);
  });

  it('each step is done by its own fact', () => {
    const facts = { state: 'in_progress', hasEnded: false, isScored: false } as const;
    expect(standingOf('brief', facts)).toBe('done');
    expect(standingOf('times', facts)).toBe('open');
    expect(standingOf('times', { ...facts, hasEnded: true })).toBe('done');
    expect(standingOf('score', { ...facts, isScored: true })).toBe('done');
    expect(standingOf('check', facts)).toBe('open');
    expect(standingOf('check', { ...facts, state: 'submitted' })).toBe('done');
    expect(standingOf('times', { ...facts, state: 'assigned' })).toBe('locked');
  });
});
