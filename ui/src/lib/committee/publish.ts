/** Which centres can be published, and when. */
import type { ComparedCentre, Publication } from '$lib/api/central/committee';

export type Standing = 'ready' | 'scheduled' | 'published' | 'undecided';

/** Where each centre stands on its way out. */
export function standings(
  centres: readonly ComparedCentre[],
  publications: readonly Publication[],
): Map<string, Standing> {
  const inState = (state: string) =>
    new Set(publications.filter((one) => one.state === state).flatMap((one) => one.centres));
  const [scheduled, published] = [inState('scheduled'), inState('published')];
  const standing = ({ centre, decided }: ComparedCentre): Standing => {
    if (scheduled.has(centre.id)) return 'scheduled';
    if (published.has(centre.id)) return 'published';
    return decided ? 'ready' : 'undecided';
  };
  return new Map(centres.map((row) => [row.centre.id, standing(row)]));
}

/** A day and a time of this place as milliseconds; null where they are none. */
export function momentOf(day: string, time: string): number | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || !/^\d{2}:\d{2}$/.test(time)) return null;
  const at = new Date(`${day}T${time}:00`).getTime();
  return Number.isNaN(at) ? null : at;
}
