// Data of the back end on the screen: loaded once, refetched when a change is announced.
import { toApiError, type ApiError } from '$lib/api/error';

export class Query<T> {
  data = $state.raw<T | undefined>(undefined);
  error = $state.raw<ApiError | null>(null);
  loading = $state(false);
  readonly #load: () => Promise<T>;
  #stale = true;
  #watchers = 0;
  #turn = 0;

  constructor(load: () => Promise<T>) {
    this.#load = load;
  }

  /** Loads when nothing fresh is here; call it on mount and give its result back as the cleanup. */
  use(): () => void {
    this.#watchers += 1;
    if (this.#stale) void this.refresh();
    return () => {
      this.#watchers -= 1;
    };
  }

  async refresh(): Promise<void> {
    const turn = (this.#turn += 1);
    this.#stale = false;
    this.loading = true;
    try {
      const data = await this.#load();
      if (turn !== this.#turn) return;
      this.data = data;
      this.error = null;
    } catch (thrown) {
      if (turn !== this.#turn) return;
      this.error = toApiError(thrown);
      this.#stale = true;
    } finally {
      if (turn === this.#turn) this.loading = false;
    }
  }

  /** Something changed: refetched at once when on screen, else when next shown. */
  changed(): void {
    this.#stale = true;
    if (this.#watchers > 0) void this.refresh();
  }

  /** Forgets everything; what is under way is not taken in. */
  clear(): void {
    this.#turn += 1;
    this.#stale = true;
    this.loading = false;
    this.data = undefined;
    this.error = null;
  }
}
