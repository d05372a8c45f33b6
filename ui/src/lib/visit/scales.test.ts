import { describe, expect, it } from 'vitest';
import type { Scale } from '$lib/api/types';
import { greatest, isTyped, stepForDigit, stepsOf } from '$lib/visit/scales';

const timed: Scale = { kind: 'timed', unit: 'min', full_at: 10, zero_at: 40 };

describe('digits of each scale', () => {
  const rows: [Scale, string, unknown][] = [
    [{ kind: 'yes_no' }, '1', true],
    [{ kind: 'yes_no' }, '0', false],
    [{ kind: 'yes_no' }, '2', undefined],
    [{ kind: 'met_partly_not' }, '2', 'met'],
    [{ kind: 'met_partly_not' }, '1', 'partly'],
    [{ kind: 'met_partly_not' }, '0', 'not'],
    [{ kind: 'met_partly_not' }, '3', undefined],
    [{ kind: 'level_0_5' }, '0', 0],
    [{ kind: 'level_0_5' }, '5', 5],
    [{ kind: 'level_0_5' }, '6', undefined],
    [{ kind: 'maturity' }, '0', 'none'],
    [{ kind: 'maturity' }, '4', 'leading'],
    [{ kind: 'maturity' }, '5', undefined],
    [timed, '5', undefined],
  ];
  it.each(rows)('%j %s', (scale, digit, expected) => {
    expect(stepForDigit(scale, digit)?.value).toEqual(expected);
  });

  it('every step has its own digit and its own anchor', () => {
    const kinds: Scale[] = [
      { kind: 'yes_no' },
      { kind: 'met_partly_not' },
      { kind: 'level_0_5' },
      { kind: 'maturity' },
    ];
    for (const scale of kinds) {
      const steps = stepsOf(scale);
      expect(new Set(steps.map((step) => step.digit)).size).toBe(steps.length);
      expect(steps.map((step) => step.anchor)).toEqual(steps.map((_, index) => index));
    }
  });

  it('a measured scale is typed, and a rate ends at 100', () => {
    expect(isTyped(timed)).toBe(true);
    expect(greatest(timed)).toBeNull();
    expect(greatest({ kind: 'percent', target: 80 })).toBe(100);
    expect(isTyped({ kind: 'yes_no' })).toBe(false);
  });
});
