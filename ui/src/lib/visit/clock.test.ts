import { describe, expect, it } from 'vitest';
import { fromFields, shifted, toFields } from '$lib/visit/clock';

const noon = new Date(2026, 2, 9, 12, 5, 7).getTime();

describe('a time that is corrected by hand', () => {
  it('survives the form', () => {
    expect(toFields(noon)).toEqual({ day: '2026-03-09', time: '12:05:07' });
    expect(fromFields(toFields(noon))).toEqual({ ok: true, at_ms: noon });
  });

  it('may be typed with Arabic digits and without seconds', () => {
    expect(fromFields({ day: '٢٠٢٦-٠٣-٠٩', time: '١٢:٠٥:٠٧' })).toEqual({ ok: true, at_ms: noon });
    expect(fromFields({ day: '2026/3/9', time: '12:05' })).toEqual({
      ok: true,
      at_ms: noon - 7000,
    });
  });

  it.each([
    ['2026-02-30', '12:00:00', 'day'],
    ['2026-13-01', '12:00:00', 'day'],
    ['', '12:00:00', 'day'],
    ['2026-03-09', '24:00:00', 'time'],
    ['2026-03-09', '12:60', 'time'],
    ['2026-03-09', 'noon', 'time'],
  ])('%j %j is refused', (day, time, fault) => {
    expect(fromFields({ day, time })).toEqual({ ok: false, fault });
  });

  it('steps over the hour', () => {
    expect(shifted({ day: '2026-03-09', time: '23:59:59' }, 1)).toEqual({
      day: '2026-03-10',
      time: '00:00:00',
    });
    expect(shifted({ day: 'x', time: 'y' }, 1)).toEqual({ day: 'x', time: 'y' });
  });
});
