import { describe, expect, it } from 'vitest';
import { parseDecimal, sameDecimal, toLatinDigits } from '$lib/visit/decimal';

describe('a decimal as people type it', () => {
  const rows: [string, string][] = [
    ['22.5', '22.5'],
    ['22,5', '22.5'],
    ['٢٢٫٥', '22.5'],
    ['٢٢،٥', '22.5'],
    ['۲۲.۵', '22.5'],
    [' 007 ', '7'],
    ['0', '0'],
    ['٠', '0'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['5.500', '5.5'],
    ['80%', '80'],
    ['٨٠٪', '80'],
    ['\u200F12\u200E', '12'],
  ];
  it.each(rows)('%s is read as %s', (typed, expected) => {
    expect(parseDecimal(typed)).toEqual({ ok: true, text: expected });
  });

  const faults: [string, string][] = [
    ['', 'empty'],
    ['   ', 'empty'],
    ['.', 'not_a_number'],
    ['abc', 'not_a_number'],
    ['-1', 'not_a_number'],
    ['1.2.3', 'not_a_number'],
    ['1e3', 'not_a_number'],
    ['1234567890', 'too_large'],
    ['0.12345', 'too_precise'],
  ];
  it.each(faults)('%j is refused as %s', (typed, fault) => {
    expect(parseDecimal(typed)).toEqual({ ok: false, fault });
  });

  it('ends at the greatest value of the scale', () => {
    expect(parseDecimal('100', 100)).toEqual({ ok: true, text: '100' });
    expect(parseDecimal('100.1', 100)).toEqual({ ok: false, fault: 'too_large' });
  });

  it('knows equal numbers written differently', () => {
    expect(sameDecimal('22.50', '22.5')).toBe(true);
    expect(sameDecimal('22', '22.5')).toBe(false);
    expect(sameDecimal('', '')).toBe(false);
  });

  it('changes digits only', () => {
    expect(toLatinDigits('A٣-۴')).toBe('A3-4');
  });
});
