import { describe, expect, it } from 'vitest';

import {
  changesOf,
  linePath,
  moved,
  placeOn,
  spanAboutZero,
  spanOf,
  stepOf,
} from '$components/shared/chart';

describe('a line', () => {
  it('goes from the start to the end, the greatest at the top', () => {
    expect(linePath([0, 5, 10], 100, 20)).toBe('M0 20L50 10L100 0');
  });
  it('has a gap where a value is missing', () => {
    expect(linePath([1, null, 1, 2], 30, 10, [0, 2])).toBe('M0 5M20 5L30 0');
  });
  it('of equal values, of one and of none is drawn all the same', () => {
    expect(linePath([7, 7], 10, 10)).toBe('M0 10L10 10');
    expect(linePath([7], 10, 10)).toBe('M0 10');
    expect(linePath([null], 10, 10)).toBe('');
    expect(spanOf([null])).toEqual([0, 1]);
  });
});

describe('a place on a bar', () => {
  it.each([
    [-5, 0],
    [0, 50],
    [2.5, 75],
    [9, 100],
  ])('of %d between minus five and five is at %d', (value, place) => {
    expect(placeOn(value, [-5, 5])).toBe(place);
  });
  it('of a span that is a point is its start', () => {
    expect(placeOn(3, [3, 3])).toBe(0);
  });
});

describe('a span about nothing', () => {
  it('holds every value, alike to both sides, and is never too narrow', () => {
    expect(spanAboutZero([1.2, -7.1, null, undefined], 5)).toEqual([-8, 8]);
    expect(spanAboutZero([0.4], 5)).toEqual([-5, 5]);
  });
});

describe('a step', () => {
  it.each([
    [0, 0],
    [19.9, 0],
    [20, 1],
    [99.9, 4],
    [100, 4],
    [-5, 0],
    [120, 4],
  ])('of %d among five is %d', (value, step) => {
    expect(stepOf(value, [0, 100], 5)).toBe(step);
  });
});

describe('an arrow in a grid', () => {
  it('follows the line of reading and ends at the edges', () => {
    expect(moved('ArrowRight', [0, 0], [2, 3], false)).toEqual([0, 1]);
    expect(moved('ArrowRight', [0, 1], [2, 3], true)).toEqual([0, 0]);
    expect(moved('ArrowLeft', [0, 1], [2, 3], true)).toEqual([0, 2]);
    expect(moved('ArrowLeft', [0, 0], [2, 3], false)).toBeNull();
    expect(moved('ArrowUp', [0, 0], [2, 3], false)).toBeNull();
    expect(moved('End', [1, 0], [2, 3], true)).toEqual([1, 2]);
    expect(moved('a', [0, 0], [2, 3], false)).toBeNull();
  });
});

describe('changes of a text', () => {
  it('are what went and what came, and together both texts', () => {
    const [before, after] = ['the seats are broken', 'the seats were all broken'];
    const changes = changesOf(before, after);
    expect(changes.map(({ kind }) => kind)).toEqual([
      'same',
      'gone',
      'come',
      'same',
      'come',
      'same',
    ]);
    const of = (not: string) =>
      changes
        .filter(({ kind }) => kind !== not)
        .map(({ text }) => text)
        .join('');
    expect(of('come')).toBe(before);
    expect(of('gone')).toBe(after);
  });
  it('are none where nothing changed', () => {
    expect(changesOf('a b', 'a b')).toEqual([{ kind: 'same', text: 'a b' }]);
    expect(changesOf('', '')).toEqual([]);
  });
});
