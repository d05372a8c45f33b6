// The state of the exchange with the server, followed by a long poll while the device is open.
import { device } from '$lib/api/device';
import { toApiError, type ApiError } from '$lib/api/error';
import type { SyncStatus } from '$lib/api/types';

const AFTER_FAILURE_MS = 3000;

export class SyncWatch {
  status = $state.raw<SyncStatus | null>(null);
  error = $state.raw<ApiError | null>(null);
  #isStarting = $state(false);
  readonly #finished: () => void;
  #stop: AbortController | null = null;

  /** `finished` is called each time a run ends, however it ends. */
  constructor(finished: () => void) {
    this.#finished = finished;
  }

  /** From the tap on: what the last run brought is not shown as what this one did. */
  get running(): boolean {
    return this.#isStarting || this.status?.running === true;
  }

  follow(): void {
    if (this.#stop) return;
    this.#stop = new AbortController();
    void this.#poll(this.#stop.signal);
  }

  leave(): void {
    this.#stop?.abort();
    this.#stop = null;
    this.status = null;
    this.error = null;
  }

  async start(): Promise<void> {
    this.#isStarting = true;
    await this.#act(() => device.startSync());
    this.#isStarting = false;
  }

  async cancel(): Promise<void> {
    await this.#act(() => device.cancelSync());
  }

  async #act(call: () => Promise<SyncStatus>): Promise<void> {
    try {
      this.#take(await call());
      this.error = null;
    } catch (thrown) {
      this.error = toApiError(thrown);
    }
  }

  async #poll(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const status = await device.syncStatus(this.status?.tick, signal);
        if (!signal.aborted) this.#take(status);
      } catch {
        // Locked or gone: the next call of the person will say which; here it is enough to wait.
        await new Promise((resolve) => setTimeout(resolve, AFTER_FAILURE_MS));
      }
    }
  }

  #take(status: SyncStatus): void {
    // The poll and a tap may answer in either order: the newer tick wins.
    if (this.status && status.tick < this.status.tick) return;
    const ran = this.status?.running === true;
    this.status = status;
    if (ran && !status.running) this.#finished();
  }
}
