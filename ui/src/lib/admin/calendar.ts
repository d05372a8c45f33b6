/** A month of a plan: which windows of visits begin, end and stand open on each day. */

/** A visit as far as its window goes. */
export interface Windowed {
  id: string;
  /** `YYYY-MM-DD` */
  from: string;
  to: string;
  state: string;
}

export interface CalendarDay<Visit> {
  /** `YYYY-MM-DD` */
  day: string;
  isOfMonth: boolean;
  begins: Visit[];
  /** Those that are still to be made. */
  ends: Visit[];
  /** How many windows stand open. */
  open: number;
}

const DAY_MS = 86_400_000;
const iso = (ms: number) => new Date(ms).toISOString().slice(0, 10);
const msOf = (day: string) => Date.parse(`${day}T00:00:00Z`);

/** A day as the calendar's month has it: `2026-11`. */
export const monthOf = (day: string): string => day.slice(0, 7);

/** The month so many months on. */
export function monthAfter(month: string, by: number): string {
  const [year = 0, at = 1] = month.split('-').map(Number);
  return new Date(Date.UTC(year, at - 1 + by, 1)).toISOString().slice(0, 7);
}

/** The month to begin with: today's, or the first with a visit where today's has none. */
export function firstMonth(visits: readonly Windowed[], today: string): string {
  const month = monthOf(today);
  const isIn = (visit: Windowed) => monthOf(visit.from) <= month && month <= monthOf(visit.to);
  if (visits.length === 0 || visits.some(isIn)) return month;
  const next = visits.map(({ from }) => monthOf(from)).sort();
  return next.find((one) => one > month) ?? next.at(-1) ?? month;
}

const ENDED = new Set(['cancelled', 'exposed']);

/** The weeks of a month, each from Sunday to Saturday; days of the months beside it fill the ends. */
export function weeksOf<Visit extends Windowed>(
  visits: readonly Visit[],
  month: string,
): CalendarDay<Visit>[][] {
  const first = msOf(`${month}-01`);
  const start = first - new Date(first).getUTCDay() * DAY_MS;
  const weeks: CalendarDay<Visit>[][] = [];
  for (let at = start; iso(at) < monthAfter(month, 1); at += 7 * DAY_MS) {
    weeks.push(
      Array.from({ length: 7 }, (_, place) => {
        const day = iso(at + place * DAY_MS);
        return {
          day,
          isOfMonth: monthOf(day) === month,
          begins: visits.filter((visit) => visit.from === day),
          ends: visits.filter(
            (visit) => visit.to === day && visit.from !== day && !ENDED.has(visit.state),
          ),
          open: visits.filter(
            (visit) => visit.from <= day && day <= visit.to && !ENDED.has(visit.state),
          ).length,
        };
      }),
    );
  }
  return weeks;
}
