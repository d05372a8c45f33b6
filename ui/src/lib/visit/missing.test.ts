import { describe, expect, it } from 'vitest';
import type { Missing } from '$lib/api/types';
import { grouped, lacks, targetOf } from '$lib/visit/missing';

const fault = (code: string, criterion: string | null = 'A1', params = {}): Missing => ({
  code,
  criterion,
  params,
});

describe('what is missing', () => {
  it('is grouped in the order of the work', () => {
    const groups = grouped([
      fault('timeline.order', null),
      fault('note.missing'),
      fault('visit.incomplete', 'B1'),
      fault('note.override'),
      fault('evidence.missing'),
      fault('answer.off_scale'),
    ]);
    expect(groups.map(({ group, missing }) => [group, missing.length])).toEqual([
      ['unanswered', 1],
      ['evidence', 1],
      ['notes', 2],
      ['answers', 1],
      ['times', 1],
    ]);
    expect(grouped([])).toEqual([]);
  });

  it('a code of a later release is not lost', () => {
    expect(grouped([fault('answer.of_tomorrow')])[0]?.group).toBe('answers');
  });

  it.each([
    [fault('visit.incomplete'), { step: 'score', criterion: 'A1', control: 'scale' }],
    [fault('evidence.missing'), { step: 'score', criterion: 'A1', control: 'evidence' }],
    [fault('evidence.kind'), { step: 'score', criterion: 'A1', control: 'evidence' }],
    [fault('note.missing'), { step: 'score', criterion: 'A1', control: 'note' }],
    [fault('note.override'), { step: 'score', criterion: 'A1', control: 'note' }],
    [fault('answer.off_scale'), { step: 'score', criterion: 'A1', control: 'scale' }],
    [
      fault('timeline.order', null, { earlier: 'called', later: 'done' }),
      { step: 'times', moment: 'done' },
    ],
  ])('$code leads to the right control', (missing, target) => {
    expect(targetOf(missing)).toEqual(target);
  });

  it('a criterion without an answer lacks nothing else', () => {
    expect(lacks([fault('visit.incomplete')])).toBe(false);
    expect(lacks([fault('note.missing')])).toBe(true);
  });
});
