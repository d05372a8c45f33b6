// What is on its way to the disk: the promise that nothing is shown as saved before it is.

export type SavingState = 'idle' | 'saving' | 'saved' | 'failed';

/**
 * Counts writes under way and writes that failed. Screens put every write through `track`, and
 * register a `flush` for text that waits out a pause in typing.
 */
export class Saving {
  pending = $state(0);
  failed = $state(0);
  savedMs = $state<number | null>(null);
  #dirty = $state(0);
  #flushes: (() => Promise<void>)[] = [];
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  readonly state: SavingState = $derived.by(() => {
    if (this.failed > 0) return 'failed';
    if (this.pending > 0 || this.#dirty > 0) return 'saving';
    return this.savedMs === null ? 'idle' : 'saved';
  });

  /** True while locking or closing would lose something. */
  readonly unsaved: boolean = $derived(this.pending + this.failed + this.#dirty > 0);

  /** Watches one write. A failure is the caller's to show and to retry. */
  async track<T>(write: Promise<T>): Promise<T> {
    this.pending += 1;
    try {
      const result = await write;
      this.savedMs = this.#now();
      return result;
    } finally {
      this.pending -= 1;
    }
  }

  /** Something typed is not on its way yet; call the returned function once it is. */
  hold(): () => void {
    this.#dirty += 1;
    let held = true;
    return () => {
      if (held) this.#dirty -= 1;
      held = false;
    };
  }

  /** A write failed and its value exists only on the screen; call the returned function once it is settled. */
  fail(): () => void {
    this.failed += 1;
    let open = true;
    return () => {
      if (open) this.failed -= 1;
      open = false;
    };
  }

  /** Registers what must be written before the screen goes away. */
  onFlush(flush: () => Promise<void>): () => void {
    this.#flushes = [...this.#flushes, flush];
    return () => {
      this.#flushes = this.#flushes.filter((one) => one !== flush);
    };
  }

  /** Writes what waits. Does not throw: what failed is counted in `failed`. */
  async flush(): Promise<void> {
    await Promise.allSettled(this.#flushes.map((flush) => flush()));
  }

  /** Forgets the last save, when the device is locked. */
  reset(): void {
    this.savedMs = null;
  }
}
