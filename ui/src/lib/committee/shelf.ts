/** Rubrics as those who read results read them. One never changes under its digest, so each is read once. */
import { rubrics, type RubricFile } from '$lib/api/central/admin';

const known = new Map<string, Promise<RubricFile>>();

/** A rubric by its digest. One that could not be read is asked for again the next time. */
export function readRubric(sha256: string): Promise<RubricFile> {
  const reading = known.get(sha256) ?? rubrics.read(sha256);
  known.set(sha256, reading);
  reading.catch(() => known.delete(sha256));
  return reading;
}

/** Each of them once, in their order. */
export const distinct = (words: readonly string[]): string[] => [...new Set(words)];
