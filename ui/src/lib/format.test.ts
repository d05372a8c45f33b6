import { describe, expect, it } from 'vitest';

import { createFormat } from '$lib/format';

const ar = createFormat('ar', 'latn', 'Asia/Bahrain');
const arab = createFormat('ar', 'arab', 'Asia/Bahrain');
const en = createFormat('en', 'latn', 'Asia/Bahrain');
const at = Date.UTC(2026, 2, 1, 6, 5, 9); // 09:05:09 in Bahrain
const MINUTE = 60_000;

describe('numbers', () => {
  it('are written in the digits that were chosen, in either language', () => {
    expect(ar.number(1234)).toBe('1,234');
    expect(arab.number(1234)).toBe('١٬٢٣٤');
    expect(createFormat('en', 'arab').number(12)).toBe('١٢');
  });

  it('that came as text stay exact', () => {
    expect(en.decimal('22.50')).toBe('22.50');
    expect(arab.decimal('22.50')).toBe('٢٢٫٥٠');
    expect(en.decimal('0.1000000000000000055')).toBe('0.1000000000000000055');
  });
});

describe('days', () => {
  it('are days of the calendar and no zone shifts them', () => {
    for (const zone of ['Pacific/Kiritimati', 'Pacific/Pago_Pago']) {
      expect(createFormat('en', 'latn', zone).day('2026-03-01')).toBe('1 March 2026');
    }
  });

  it('are Gregorian with the month names of the Gulf', () => {
    expect(ar.day('2026-03-01')).toBe('1 مارس 2026');
    expect(arab.day('2026-03-01')).toBe('١ مارس ٢٠٢٦');
  });

  it('of a range are said once where they agree', () => {
    expect(en.days('2026-03-01', '2026-03-05')).toMatch(/^1\s?–\s?5 March 2026$/);
    expect(en.days('2026-03-01', '2026-03-01')).toBe('1 March 2026');
  });
});

describe('times', () => {
  it('are shown in the zone they are asked for, to the second where wanted', () => {
    expect(en.time(at)).toBe('09:05');
    expect(en.timeToSecond(at)).toBe('09:05:09');
    expect(createFormat('en', 'latn', 'Asia/Tokyo').time(at)).toBe('15:05');
    expect(arab.timeToSecond(at)).toBe('٠٩:٠٥:٠٩');
  });

  it('midnight is 00, not 24', () => {
    expect(en.time(Date.UTC(2026, 2, 1, 21, 0))).toBe('00:00');
  });

  it('far and near are said in the largest unit that fits', () => {
    const words = (gap: number) => en.relative(at + gap, at);
    expect(words(10_000)).toBe('now');
    expect(words(-5 * MINUTE)).toBe('5 minutes ago');
    expect(words(90 * MINUTE)).toBe('in 1 hour');
    expect(words(-30 * 60 * MINUTE)).toBe('30 hours ago');
    expect(words(72 * 60 * MINUTE)).toBe('in 3 days');
    expect(ar.relative(at - 2 * 60 * MINUTE, at)).toBe('قبل ساعتين');
  });
});

describe('durations', () => {
  it('name their two largest units', () => {
    expect(en.duration(42_000)).toBe('42 secs');
    expect(en.duration(22 * MINUTE + 30_000)).toBe('22 mins 30 secs');
    expect(en.duration(65 * MINUTE)).toBe('1 hr 5 mins');
    expect(en.duration(120 * MINUTE)).toBe('2 hrs');
  });

  it('follow the Arabic number of each unit', () => {
    expect(ar.duration(MINUTE)).toBe('دقيقة');
    expect(ar.duration(2 * MINUTE)).toBe('دقيقتان');
    expect(ar.duration(3 * MINUTE)).toBe('3 دقائق');
    expect(ar.duration(11 * MINUTE)).toBe('11 دقيقة');
    expect(ar.duration(62 * MINUTE)).toBe('ساعة ودقيقتان');
  });

  it('run as a clock and never below zero', () => {
    expect(en.clock(61_999)).toBe('01:01');
    expect(en.clock(3_661_000)).toBe('1:01:01');
    expect(en.clock(-5)).toBe('00:00');
    expect(arab.clock(61_000)).toBe('٠١:٠١');
  });
});

describe('sizes', () => {
  it('are counted in thousands', () => {
    expect(en.bytes(999)).toBe('999 bytes');
    expect(en.bytes(120_000)).toBe('120 kB');
    expect(en.bytes(4_290_000)).toBe('4.3 MB');
    expect(ar.bytes(4_290_000)).toBe('4.3 ميغابايت');
  });
});
