/** A comparison as somebody asked to see it, and what the rows of it have in common. */
import type { ComparedCentre, Facets } from '$lib/api/central/committee';
import type { Text } from '$lib/api/types';

const NAMES = ['agency', 'governorate', 'size', 'operator', 'level', 'outcome'] as const;
export type FacetName = (typeof NAMES)[number];

/** What an address asks for. */
export function facetsOf(query: Record<string, string>): Facets {
  return Object.fromEntries(NAMES.map((name) => [name, query[name] ?? ''])) as unknown as Facets;
}

/** The address of a change: empty words leave it. */
export function withFacet(
  query: Record<string, string>,
  name: FacetName,
  value: string,
): Record<string, string> {
  // Other centres are wanted: their list begins at its beginning.
  const others = Object.entries(query).filter(([given]) => given !== name && given !== 'page');
  return { ...Object.fromEntries(others), ...(value === '' ? {} : { [name]: value }) };
}

export interface Choice {
  value: string;
  label: Text | null;
}

const VALUE: Record<FacetName, (row: ComparedCentre) => Choice> = {
  agency: (row) => ({ value: row.agency_code, label: row.agency }),
  governorate: ({ centre }) => ({ value: centre.governorate ?? '', label: null }),
  size: ({ centre }) => ({ value: centre.size ?? '', label: null }),
  operator: ({ centre }) => ({ value: centre.operator ?? '', label: null }),
  level: (row) => ({ value: row.level ?? '', label: null }),
  outcome: (row) => ({ value: row.outcome, label: null }),
};

/** Every value that a facet has among the centres. */
export function choicesOf(rows: readonly ComparedCentre[], name: FacetName): Choice[] {
  const choices = new Map<string, Choice>();
  for (const row of rows) {
    const choice = VALUE[name](row);
    if (choice.value !== '') choices.set(choice.value, choice);
  }
  return [...choices.values()].sort((a, b) => a.value.localeCompare(b.value));
}

/** The places that several centres share. */
export function sharedRanks(rows: readonly ComparedCentre[]): ReadonlySet<number> {
  const [seen, shared] = [new Set<number>(), new Set<number>()];
  for (const { rank } of rows) {
    if (typeof rank !== 'number') continue;
    if (seen.has(rank)) shared.add(rank);
    seen.add(rank);
  }
  return shared;
}

/** A shown number as a number, for lengths and colours alone. */
export function lengthOf(shown: string | null | undefined): number | null {
  return shown === null || shown === undefined ? null : Number(shown);
}

/** How far a later number is from an earlier, in exact tenths. */
export function differenceOf(earlier: string, later: string): string {
  const tenths = Math.round(Number(later) * 10) - Math.round(Number(earlier) * 10);
  const sign = tenths > 0 ? '+' : tenths < 0 ? '\u2212' : '';
  return `${sign}${Math.floor(Math.abs(tenths) / 10)}.${Math.abs(tenths) % 10}`;
}
