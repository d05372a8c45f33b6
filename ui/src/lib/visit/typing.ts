/**
 * Text that is typed and handed over after a pause. From the first letter until it is handed over it
 * counts as unsaved, so that the device is not locked over it.
 */

/** Marks something as unsaved; the returned function ends that. */
export type Hold = () => () => void;

/** The texts being typed, by a key each. */
export class Typing {
  #hold: Hold;
  #open = new Map<string, { timer: ReturnType<typeof setTimeout>; release: () => void }>();

  constructor(hold: Hold) {
    this.#hold = hold;
  }

  /** Something was typed: `then` follows once nothing more is typed for `pause` milliseconds. */
  typed(key: string, pause: number, then: () => void): void {
    const open = this.#open.get(key);
    clearTimeout(open?.timer);
    const timer = setTimeout(then, pause);
    this.#open.set(key, { timer, release: open?.release ?? this.#hold() });
  }

  /** The text was handed over or dropped. */
  ended(key: string): void {
    const open = this.#open.get(key);
    clearTimeout(open?.timer);
    open?.release();
    this.#open.delete(key);
  }
}
