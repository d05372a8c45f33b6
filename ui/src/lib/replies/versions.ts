/** The order of a list of scorecards: a centre has one in force in each cycle, its latest version. */
interface Versioned {
  centre: string;
  cycle: string;
  version: number;
}

const keyOf = ({ centre, cycle }: Versioned) => `${centre} ${cycle}`;

/** The same rows, and of each centre and cycle the latest version where its first one stood. */
export function latestFirst<Row extends Versioned>(rows: readonly Row[]): Row[] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) groups.set(keyOf(row), [...(groups.get(keyOf(row)) ?? []), row]);
  return [...groups.values()].flatMap((own) => own.toSorted((a, b) => b.version - a.version));
}
