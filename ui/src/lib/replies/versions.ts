/** Which of the scorecards on a list are in force: a centre has one in each cycle, its latest version. */
interface Versioned {
  centre: string;
  cycle: string;
  version: number;
}
export type Latest = ReadonlyMap<string, number>;

const keyOf = ({ centre, cycle }: Versioned) => `${centre} ${cycle}`;

/** The latest version of each, among these rows and those seen before. */
export function latestOf(rows: readonly Versioned[], before: Latest = new Map()): Latest {
  const latest = new Map(before);
  for (const row of rows) {
    latest.set(keyOf(row), Math.max(row.version, latest.get(keyOf(row)) ?? 0));
  }
  return latest;
}

/** The same rows, and of each centre and cycle the latest version where its first one stood. */
export function latestFirst<Row extends Versioned>(rows: readonly Row[]): Row[] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) groups.set(keyOf(row), [...(groups.get(keyOf(row)) ?? []), row]);
  return [...groups.values()].flatMap((own) => own.toSorted((a, b) => b.version - a.version));
}

/** Whether a later version than this one was seen. */
export function isEarlier(row: Versioned, latest: Latest): boolean {
  return row.version < (latest.get(keyOf(row)) ?? row.version);
}
