/** What became of the criteria of one rubric in a later one, while somebody edits it. */
import type { MappedLine } from '$lib/api/central/committee';

export const PAIRED = ['same', 'reworded', 'new_scale'] as const;
export type Paired = (typeof PAIRED)[number];

/** Says that an earlier criterion became a later one; whatever stood with either is alone again. */
export function paired(
  lines: readonly MappedLine[],
  earlier: string,
  later: string | null,
): MappedLine[] {
  const before = lines.find((line) => line.earlier === earlier);
  const likeness = PAIRED.find((word) => word === before?.likeness) ?? 'reworded';
  const result: MappedLine[] = [];
  for (const line of lines) {
    if (line.earlier === earlier) {
      if (later === null) result.push({ earlier, later: null, likeness: 'dropped' });
      else result.push({ earlier, later, likeness });
    } else if (line.later === later && later !== null) {
      // Its earlier criterion, if it had one, is left without a later one.
      if (line.earlier) result.push({ earlier: line.earlier, later: null, likeness: 'dropped' });
    } else result.push(line);
  }
  const left = before?.later;
  if (left && left !== later) result.push({ earlier: null, later: left, likeness: 'new' });
  return result;
}

/** Says how alike two criteria are. */
export function likened(
  lines: readonly MappedLine[],
  later: string,
  likeness: Paired,
): MappedLine[] {
  return lines.map((line) => (line.later === later && line.earlier ? { ...line, likeness } : line));
}

/** Later criteria that an earlier one may be paired with: its own, and those that stand alone. */
export function choices(lines: readonly MappedLine[], earlier: string): string[] {
  return lines.flatMap((line) =>
    line.later && (line.earlier === earlier || !line.earlier) ? [line.later] : [],
  );
}

/** How many lines there are of each kind. */
export function countsOf(lines: readonly MappedLine[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { likeness } of lines) counts.set(likeness, (counts.get(likeness) ?? 0) + 1);
  return counts;
}
