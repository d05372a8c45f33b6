// One thing a person asked for: under way, done, or refused with words.
import { toApiError, type ApiError } from '$lib/api/error';

export class Action {
  busy = $state(false);
  error = $state.raw<ApiError | null>(null);

  /** Runs once at a time; true when it went well. */
  async run(work: () => Promise<void>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.error = null;
    try {
      await work();
      return true;
    } catch (thrown) {
      this.error = toApiError(thrown);
      return false;
    } finally {
      this.busy = false;
    }
  }
}
