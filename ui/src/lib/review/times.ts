/** The moments of a visit and of its contacts on one line, in the order in which they happened. */
export interface Contact {
  channel: string;
  moments: readonly { moment: string; at: number }[];
}

export interface TimePoint {
  moment: string;
  at: number;
  /** Since the point before, in milliseconds; null for the first. */
  since: number | null;
  /** The contact it belongs to, by channel and number among those of the channel. */
  contact: { channel: string; number: number } | null;
}

export function timePoints(
  times: Readonly<Record<string, number>>,
  contacts: readonly Contact[],
): TimePoint[] {
  const points: Omit<TimePoint, 'since'>[] = Object.entries(times).map(([moment, at]) => ({
    moment,
    at,
    contact: null,
  }));
  const counts = new Map<string, number>();
  for (const { channel, moments } of contacts) {
    const number = (counts.get(channel) ?? 0) + 1;
    counts.set(channel, number);
    points.push(...moments.map(({ moment, at }) => ({ moment, at, contact: { channel, number } })));
  }
  points.sort((a, b) => a.at - b.at);
  return points.map((point, index) => {
    const before = points[index - 1];
    return { ...point, since: before ? point.at - before.at : null };
  });
}
