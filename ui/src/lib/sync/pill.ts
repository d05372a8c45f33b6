// What the sign in the header says about the exchange with the server: one word out of seven.
import type { Ledger, SyncStatus } from '$lib/api/types';

export type PillState =
  'running' | 'unknown' | 'attention' | 'offline' | 'failed' | 'waiting' | 'clear';

/** Work that waits for a person comes before everything but a run under way. */
export function pillState(ledger: Ledger | undefined, status: SyncStatus | null): PillState {
  if (status?.running) return 'running';
  if (!ledger) return 'unknown';
  if (ledger.conflicts + ledger.rejections > 0) return 'attention';
  if (status?.error) {
    const reach = ['server.unreachable', 'server.cut', 'server.busy'];
    return reach.includes(status.error.code) ? 'offline' : 'failed';
  }
  if (ledger.unsent_records + ledger.unsent_files > 0) return 'waiting';
  return 'clear';
}
