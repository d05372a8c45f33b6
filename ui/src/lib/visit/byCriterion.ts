/** Grouping what belongs to criteria, so that a thousand of them are looked up and not searched. */

/** The items of each criterion; what belongs to none is under the empty text. */
export function byCriterion<T extends { criterion?: string | null }>(
  items: readonly T[],
): ReadonlyMap<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(item.criterion ?? '');
    if (group === undefined) groups.set(item.criterion ?? '', [item]);
    else group.push(item);
  }
  return groups;
}

/** Things with an id, by their id. */
export function byId<T extends { id: string }>(items: readonly T[]): ReadonlyMap<string, T> {
  return new Map(items.map((item) => [item.id, item]));
}
