// Numbers, dates, durations and sizes for people: the only place that formats them.
import type { Digits, Language } from '$lib/api/types';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export interface Format {
  number(value: number, fractionDigits?: number): string;
  /** A decimal that came as text, exactly as it came, in the person's digits. */
  decimal(value: string): string;
  percent(share: number): string;
  /** A day of the calendar, `2026-03-01`, in words. */
  day(iso: string): string;
  /** From one day to another, without repeating what they share. */
  days(from: string, to: string): string;
  date(ms: number): string;
  time(ms: number): string;
  timeToSecond(ms: number): string;
  dateTime(ms: number): string;
  /** How long from now, or how long ago: "in 3 hours", "2 days ago". */
  relative(ms: number, nowMs: number): string;
  /** A length of time in its two largest units: "1 hr 5 min", "42 sec". */
  duration(ms: number): string;
  /** A running clock: "1:02:03" or "02:03". */
  clock(ms: number): string;
  bytes(count: number): string;
  list(items: string[]): string;
  /** One of several: "a, b or c". */
  either(items: string[]): string;
}

/** A code or a name inside running text of either direction; for plain strings, where no `bdi` fits. */
export function isolated(text: string): string {
  return `\u2068${text}\u2069`;
}

function fromIsoDay(iso: string): Date {
  // Noon UTC read in UTC: a day of the calendar has no zone to shift it.
  return new Date(`${iso}T12:00:00Z`);
}

function localeTag(language: Language, digits: Digits): string {
  // "ar-BH" names the months as the Gulf does; the calendar and the digits are asked for outright.
  const base = language === 'ar' ? 'ar-BH' : 'en-GB';
  return `${base}-u-ca-gregory-nu-${digits}`;
}

/** `timeZone` is left out in the app: the device's own zone holds. */
export function createFormat(language: Language, digits: Digits, timeZone?: string): Format {
  const tag = localeTag(language, digits);
  const digitText = new Intl.NumberFormat(tag, { useGrouping: false });
  const digit = Array.from({ length: 10 }, (_, value) => digitText.format(value));
  const separator = new Intl.NumberFormat(tag).formatToParts(0.5).find((p) => p.type === 'decimal');
  const decimalMark = separator?.value ?? '.';
  const shapeDigits = (ascii: string) => ascii.replace(/[0-9]/g, (d) => digit[Number(d)] ?? d);

  const dates = (options: Intl.DateTimeFormatOptions, zone = timeZone) =>
    new Intl.DateTimeFormat(tag, { ...options, timeZone: zone });
  const isoDay = dates({ day: 'numeric', month: 'long', year: 'numeric' }, 'UTC');
  const date = dates({ day: 'numeric', month: 'long', year: 'numeric' });
  const clockTime = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  const time = dates(clockTime);
  const timeToSecond = dates({ ...clockTime, second: '2-digit' });
  const dateTime = dates({ day: 'numeric', month: 'long', ...clockTime });
  const relative = new Intl.RelativeTimeFormat(tag, { numeric: 'auto' });
  const lists = new Intl.ListFormat(tag, { type: 'conjunction' });
  const choices = new Intl.ListFormat(tag, { type: 'disjunction' });

  // Making a format costs far more than using it, and a screen has hundreds of numbers.
  const made = new Map<string, Intl.NumberFormat>();
  const numbers = (options: Intl.NumberFormatOptions) => {
    const name = Object.values(options).join(' ');
    const known = made.get(name);
    if (known !== undefined) return known;
    const format = new Intl.NumberFormat(tag, options);
    made.set(name, format);
    return format;
  };
  const number = (value: number, fractionDigits = 0) =>
    numbers({ maximumFractionDigits: fractionDigits }).format(value);
  const unitDisplay = language === 'ar' ? 'long' : 'short';
  const unit = (value: number, name: string, fractionDigits = 0) =>
    numbers({
      style: 'unit',
      unit: name,
      unitDisplay,
      maximumFractionDigits: fractionDigits,
    }).format(value);
  const joined = (parts: string[]) => parts.join(language === 'ar' ? ' و' : ' ');

  return {
    number,
    decimal: (value) => shapeDigits(value).replace('.', decimalMark),
    percent: (share) => numbers({ style: 'percent', maximumFractionDigits: 0 }).format(share),
    day: (iso) => isoDay.format(fromIsoDay(iso)),
    days: (from, to) =>
      from === to
        ? isoDay.format(fromIsoDay(from))
        : isoDay.formatRange(fromIsoDay(from), fromIsoDay(to)),
    date: (ms) => date.format(ms),
    time: (ms) => time.format(ms),
    timeToSecond: (ms) => timeToSecond.format(ms),
    dateTime: (ms) => dateTime.format(ms),
    relative: (ms, nowMs) => {
      const gap = ms - nowMs;
      const size = Math.abs(gap);
      if (size < MINUTE) return relative.format(0, 'second');
      if (size < HOUR) return relative.format(Math.trunc(gap / MINUTE), 'minute');
      if (size < 2 * DAY) return relative.format(Math.trunc(gap / HOUR), 'hour');
      return relative.format(Math.trunc(gap / DAY), 'day');
    },
    duration: (ms) => {
      const seconds = Math.max(0, Math.round(ms / 1000));
      const hours = Math.floor(seconds / 3600);
      const minutes = Math.floor((seconds % 3600) / 60);
      const rest = seconds % 60;
      if (hours > 0) {
        return joined([unit(hours, 'hour'), ...(minutes > 0 ? [unit(minutes, 'minute')] : [])]);
      }
      if (minutes > 0) {
        return joined([unit(minutes, 'minute'), ...(rest > 0 ? [unit(rest, 'second')] : [])]);
      }
      return unit(rest, 'second');
    },
    clock: (ms) => {
      const seconds = Math.max(0, Math.floor(ms / 1000));
      const two = (value: number) => String(value).padStart(2, '0');
      const tail = `${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}`;
      const hours = Math.floor(seconds / 3600);
      return shapeDigits(hours > 0 ? `${hours}:${tail}` : tail);
    },
    bytes: (count) => {
      if (count < 1000) {
        return numbers({ style: 'unit', unit: 'byte', unitDisplay: 'long' }).format(count);
      }
      if (count < 1_000_000) return unit(count / 1000, 'kilobyte');
      if (count < 1_000_000_000) return unit(count / 1_000_000, 'megabyte', 1);
      return unit(count / 1_000_000_000, 'gigabyte', 1);
    },
    list: (items) => lists.format(items),
    either: (items) => choices.format(items),
  };
}
