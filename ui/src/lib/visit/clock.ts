/** A point in time as two fields, day and time of day to the second, in the device's zone. */
import { toLatinDigits } from '$lib/visit/decimal';

/** Why the fields are not a point in time. */
export type ClockFault = 'day' | 'time';

/** The fields of the form. */
export interface ClockFields {
  /** `YYYY-MM-DD` */
  day: string;
  /** `HH:MM:SS` */
  time: string;
}

const two = (number: number) => String(number).padStart(2, '0');

/** A point in time as its fields. */
export function toFields(at_ms: number): ClockFields {
  const at = new Date(at_ms);
  const year = String(at.getFullYear()).padStart(4, '0');
  return {
    day: `${year}-${two(at.getMonth() + 1)}-${two(at.getDate())}`,
    time: `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`,
  };
}

/** The fields as a point in time. The seconds may be left out; either family of digits is read. */
export function fromFields(
  fields: ClockFields,
): { ok: true; at_ms: number } | { ok: false; fault: ClockFault } {
  const day = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})$/.exec(toLatinDigits(fields.day).trim());
  if (day === null) return { ok: false, fault: 'day' };
  const time = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(toLatinDigits(fields.time).trim());
  if (time === null) return { ok: false, fault: 'time' };
  const [year, month, date] = day.slice(1).map(Number) as [number, number, number];
  const [hour, minute] = [Number(time[1]), Number(time[2])];
  const second = Number(time[3] ?? 0);
  if (hour > 23 || minute > 59 || second > 59) return { ok: false, fault: 'time' };
  const at = new Date(year, month - 1, date, hour, minute, second);
  const isSameDay = at.getMonth() === month - 1 && at.getDate() === date;
  return isSameDay ? { ok: true, at_ms: at.getTime() } : { ok: false, fault: 'day' };
}

/** The fields moved by some seconds; unchanged while they are not a point in time. */
export function shifted(fields: ClockFields, seconds: number): ClockFields {
  const at = fromFields(fields);
  return at.ok ? toFields(at.at_ms + seconds * 1000) : fields;
}
