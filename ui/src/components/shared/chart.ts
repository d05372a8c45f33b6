/** Numbers to shapes: what charts draw, without any markup. */

/** A line through values on a canvas, from its start to its end; null leaves a gap. */
export function linePath(
  values: readonly (number | null)[],
  width: number,
  height: number,
  [low, high]: readonly [number, number] = spanOf(values),
): string {
  const step = values.length > 1 ? width / (values.length - 1) : 0;
  const tall = high - low || 1;
  let isDrawing = false;
  const parts = values.map((value, at) => {
    if (value === null) {
      isDrawing = false;
      return '';
    }
    const x = round(at * step);
    const y = round(height - ((value - low) / tall) * height);
    const part = `${isDrawing ? 'L' : 'M'}${x} ${y}`;
    isDrawing = true;
    return part;
  });
  return parts.join('');
}

/** The least and the greatest of values. */
export function spanOf(values: readonly (number | null)[]): readonly [number, number] {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? [0, 1] : [Math.min(...known), Math.max(...known)];
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** Where a value stands on a canvas of a hundred, held within its ends. */
export function placeOn(value: number, [low, high]: readonly [number, number]): number {
  const share = ((value - low) / (high - low || 1)) * 100;
  return round(Math.min(100, Math.max(0, share)));
}

/** The least span about nothing, alike to both sides, that holds all values; in whole units. */
export function spanAboutZero(
  values: readonly (number | null | undefined)[],
  least: number,
): readonly [number, number] {
  const sizes = values.map((value) => Math.ceil(Math.abs(value ?? 0)));
  const reach = Math.max(least, ...sizes);
  return [-reach, reach];
}

/** Which of so many steps a value falls into, from 0; a value at the end belongs to the last. */
export function stepOf(
  value: number,
  [low, high]: readonly [number, number],
  steps: number,
): number {
  const share = (value - low) / (high - low || 1);
  return Math.min(steps - 1, Math.max(0, Math.floor(share * steps)));
}

/** Where an arrow leads in a grid; null where it leads out of it. */
export function moved(
  key: string,
  [row, column]: readonly [number, number],
  [rows, columns]: readonly [number, number],
  isRightToLeft: boolean,
): readonly [number, number] | null {
  const forward = isRightToLeft ? -1 : 1;
  const steps: Record<string, readonly [number, number]> = {
    ArrowUp: [row - 1, column],
    ArrowDown: [row + 1, column],
    ArrowRight: [row, column + forward],
    ArrowLeft: [row, column - forward],
    Home: [row, 0],
    End: [row, columns - 1],
  };
  const to = steps[key];
  if (!to) return null;
  const [at, across] = to;
  return at >= 0 && at < rows && across >= 0 && across < columns ? to : null;
}

export interface Change {
  kind: 'same' | 'gone' | 'come';
  text: string;
}

/** What changed between two texts, word by word: the longest common part stays. */
export function changesOf(before: string, after: string): Change[] {
  const [a, b] = [wordsOf(before), wordsOf(after)];
  // lengths[i][j]: of the longest common part of a from i on and b from j on.
  const lengths = Array.from({ length: a.length + 1 }, () =>
    new Array<number>(b.length + 1).fill(0),
  );
  const at = (i: number, j: number) => lengths[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      const row = lengths[i];
      if (row) row[j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const changes: Change[] = [];
  const add = (kind: Change['kind'], text = '') => {
    const last = changes.at(-1);
    if (last?.kind === kind) last.text += text;
    else changes.push({ kind, text });
  };
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      add('same', a[i]);
      i += 1;
      j += 1;
    } else if (i < a.length && (j >= b.length || at(i + 1, j) >= at(i, j + 1))) {
      add('gone', a[i]);
      i += 1;
    } else {
      add('come', b[j]);
      j += 1;
    }
  }
  return changes;
}

/** Words with what separates them, so that putting them together gives the text. */
function wordsOf(text: string): string[] {
  return text.match(/\s+|[^\s]+/g) ?? [];
}
