// Locks the device when nobody has touched it for a while.

export interface IdleRules {
  /** Null: never. */
  lockAfterMs(): number | null;
  /** Nothing is locked away while it is unsaved or under way. */
  mayLock(): boolean;
  lock(): void;
  now(): number;
}

/** Decides when to lock: a plain clock, told of every touch, asked every few seconds. */
export class IdleClock {
  readonly #rules: IdleRules;
  #touchedMs: number;

  constructor(rules: IdleRules) {
    this.#rules = rules;
    this.#touchedMs = rules.now();
  }

  touch(): void {
    this.#touchedMs = this.#rules.now();
  }

  tick(): void {
    const limit = this.#rules.lockAfterMs();
    if (limit === null || this.#rules.now() - this.#touchedMs < limit) return;
    if (!this.#rules.mayLock()) return;
    this.touch();
    this.#rules.lock();
  }
}

const ASKED_EVERY_MS = 5000;

/** Watches the window's own events until the returned function is called. */
export function watchIdle(rules: IdleRules): () => void {
  const clock = new IdleClock(rules);
  const touch = () => {
    clock.touch();
  };
  const events = ['pointerdown', 'pointermove', 'keydown', 'wheel'] as const;
  for (const event of events) window.addEventListener(event, touch, { passive: true });
  const timer = setInterval(() => {
    clock.tick();
  }, ASKED_EVERY_MS);
  return () => {
    clearInterval(timer);
    for (const event of events) window.removeEventListener(event, touch);
  };
}
