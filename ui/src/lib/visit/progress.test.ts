import { describe, expect, it } from 'vitest';
import type { Rubric } from '$lib/api/types';
import { isKept, judged, moved, pillarMove, progressOf, type Standing } from '$lib/visit/progress';
import { criterion, rubricOf } from '$lib/visit/testing';

const rubric: Rubric = rubricOf({
  A: [criterion('A1'), criterion('A2', { visits: ['scheduled'] })],
  B: [criterion('B1', { visits: ['scheduled'] })],
  C: [criterion('C1'), criterion('C2')],
});
const standing = (part: Partial<Standing>): Standing => ({
  isAnswered: false,
  lacks: false,
  hasQuestion: false,
  ...part,
});

describe('criteria of a visit', () => {
  it('what is not judged on this kind of visit is not there', () => {
    const ids = judged(rubric, 'unannounced').map((pillar) => [
      pillar.id,
      ...pillar.criteria.map((of) => of.id),
    ]);
    expect(ids).toEqual([
      ['A', 'A1'],
      ['C', 'C1', 'C2'],
    ]);
  });

  it('progress counts answers', () => {
    const of = [standing({ isAnswered: true }), standing({}), standing({ isAnswered: true })];
    expect(progressOf(of)).toEqual({ answered: 2, of: 3 });
    expect(progressOf([])).toEqual({ answered: 0, of: 0 });
  });

  it('each filter keeps its own', () => {
    const open = standing({});
    const done = standing({ isAnswered: true });
    const bare = standing({ isAnswered: true, lacks: true });
    const asked = standing({ isAnswered: true, hasQuestion: true });
    const all = [open, done, bare, asked];
    const kept = (filter: Parameters<typeof isKept>[0]) => all.filter((one) => isKept(filter, one));
    expect(kept('all')).toEqual(all);
    expect(kept('unanswered')).toEqual([open]);
    expect(kept('missing')).toEqual([open, bare]);
    expect(kept('questions')).toEqual([asked]);
  });

  it('moves stay in the list', () => {
    expect(moved(0, -1, 5)).toBe(0);
    expect(moved(4, 1, 5)).toBe(4);
    expect(moved(2, 1, 5)).toBe(3);
  });

  const pillars = ['A', 'A', 'B', 'C', 'C'];
  it.each([
    [0, 1, 2],
    [1, 1, 2],
    [3, 1, 3],
    [4, -1, 3],
    [3, -1, 2],
    [2, -1, 0],
    [1, -1, 0],
    [0, -1, 0],
  ] as const)('from place %i by %i pillars leads to %i', (from, by, to) => {
    expect(pillarMove(pillars, from, by)).toBe(to);
  });
});
