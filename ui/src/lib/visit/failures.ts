/** What failed and is still on the screen alone, each counted once with the app's indicator. */
export class Failures {
  #fail: () => () => void;
  #open = new Map<string, () => void>();

  /** `fail` counts a failure; what it returns ends it. */
  constructor(fail: () => () => void) {
    this.#fail = fail;
  }

  /** Something failed, perhaps again. */
  failed(key: string): void {
    if (!this.#open.has(key)) this.#open.set(key, this.#fail());
  }

  /** It is saved, sent again or given up. */
  ended(key: string): void {
    this.#open.get(key)?.();
    this.#open.delete(key);
  }
}
