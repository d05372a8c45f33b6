import { describe, expect, it } from 'vitest';

import type { HeardVisit } from '$lib/api/central/replies';
import type { Criterion } from '$lib/api/types';
import { CorrectionWork, KEEP, TYPED } from '$lib/replies/correction.svelte';
import { dueOf, SOON_DAYS } from '$lib/replies/due';
import { latestFirst } from '$lib/replies/versions';

const criterion = (scale: object) => ({ id: 'A1', scale, anchors: [] }) as unknown as Criterion;
const visit: HeardVisit = { evaluation: 'e', kind: 'unannounced', answer: null, evidence: [] };

describe('the day of an action', () => {
  it.each([
    [null, null],
    [undefined, null],
    [-1, 'late'],
    [0, 'today'],
    [1, 'soon'],
    [SOON_DAYS, 'soon'],
    [SOON_DAYS + 1, null],
  ])('with %s days left is %s', (left, due) => {
    expect(dueOf(left)).toBe(due);
  });
});

describe('a correction', () => {
  it('is none while the answer stays', () => {
    const work = new CorrectionWork(criterion({ kind: 'yes_no' }), visit);
    expect([work.choice, work.correction, work.isWhole]).toEqual([KEEP, null, true]);
  });

  it('is a step of the scale, with its own kind of value', () => {
    const work = new CorrectionWork(criterion({ kind: 'level_0_5' }), visit);
    work.choice = work.choices[4] ?? '';
    expect(work.correction).toEqual({
      evaluation: 'e',
      answer: { criterion: 'A1', value: 3 },
    });
  });

  it('is a number as people type it, and none while it is off the scale', () => {
    const work = new CorrectionWork(criterion({ kind: 'percent' }), visit);
    work.choice = TYPED;
    work.typed = '٨٥٫٥';
    expect(work.correction?.answer.value).toBe('85.5');
    work.typed = '101';
    expect([work.fault, work.correction, work.isWhole]).toEqual(['too_large', null, false]);
  });

  it('says why there is no answer', () => {
    const work = new CorrectionWork(criterion({ kind: 'yes_no' }), visit);
    work.choice = 'na';
    expect([work.correction, work.isWhole]).toEqual([null, false]);
    work.reason = ' طابق أرضي ';
    expect(work.correction?.answer).toEqual({ criterion: 'A1', na: 'طابق أرضي' });
  });

  it('begins with what the first ruling said', () => {
    const from = { criterion: 'A1', value: '60' };
    const work = new CorrectionWork(criterion({ kind: 'percent' }), visit, from);
    expect([work.choice, work.typed]).toEqual([TYPED, '60']);
    const step = new CorrectionWork(criterion({ kind: 'yes_no' }), visit, {
      criterion: 'A1',
      value: true,
    });
    expect(step.correction?.answer.value).toBe(true);
    const none = new CorrectionWork(criterion({ kind: 'yes_no' }), visit, {
      criterion: 'A1',
      ne: 'مغلق',
    });
    expect([none.choice, none.reason]).toEqual(['ne', 'مغلق']);
  });
});

it('of each centre and cycle the latest version comes first', () => {
  const row = (centre: string, version: number) => ({ centre, cycle: '4', version });
  expect(latestFirst([row('B', 1), row('A', 1), row('A', 2)])).toEqual([
    row('B', 1),
    row('A', 2),
    row('A', 1),
  ]);
});
