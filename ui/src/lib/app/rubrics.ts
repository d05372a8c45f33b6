/**
 * Rubrics that were read from the device. A rubric never changes under its digest, so each is read
 * once; those of the visits on the list are read ahead, and a visit opens with one call.
 */
import type { Rubric, VisitSummary, VisitView } from '$lib/api/types';

/** Where rubrics are read from. */
export interface Shelf {
  visit: (visit: string) => Promise<Pick<VisitView, 'rubric'>>;
  rubric: (sha256: string) => Promise<Rubric>;
}

/** The rubrics of this session; locking forgets them. */
export class Rubrics {
  readonly #shelf: Shelf;
  #read = new Map<string, Promise<Rubric>>();
  #ahead = new Set<string>();

  constructor(shelf: Shelf) {
    this.#shelf = shelf;
  }

  /** A rubric by its digest. One that could not be read is asked for again the next time. */
  get(sha256: string): Promise<Rubric> {
    const known = this.#read.get(sha256);
    if (known !== undefined) return known;
    const reading = this.#shelf.rubric(sha256);
    this.#read.set(sha256, reading);
    reading.catch(() => {
      if (this.#read.get(sha256) === reading) this.#read.delete(sha256);
    });
    return reading;
  }

  /** Reads what opening one of these visits will need. A failure shows when the visit is opened. */
  async readAhead(visits: readonly VisitSummary[]): Promise<void> {
    const read = this.#read;
    for (const [kind, visit] of oneOfEach(visits)) {
      if (this.#ahead.has(kind)) continue;
      this.#ahead.add(kind);
      try {
        const view = await this.#shelf.visit(visit);
        // Locked meanwhile.
        if (read !== this.#read) return;
        await this.get(view.rubric.sha256);
      } catch {
        this.#ahead.delete(kind);
      }
    }
  }

  /** Forgets everything; what is under way is not kept. */
  forget(): void {
    this.#read = new Map();
    this.#ahead = new Set();
  }
}

/** The first visit of each cycle and model whose rubric is here: the others share it. */
function oneOfEach(visits: readonly VisitSummary[]): ReadonlyMap<string, string> {
  const first = new Map<string, string>();
  for (const { visit, cycle, model, to_answer } of visits) {
    const kind = `${cycle} ${model}`;
    if (to_answer !== null && !first.has(kind)) first.set(kind, visit);
  }
  return first;
}
