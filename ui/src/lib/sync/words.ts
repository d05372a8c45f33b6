// The exchange with the server in words.
import { m } from '$paraglide/messages';

import type { BundleReport, Ledger, SyncReport, SyncStage, SyncStatus } from '$lib/api/types';
import { fmt } from '$lib/i18n.svelte';

const STAGES: Record<SyncStage, () => string> = {
  signing_in: () => m.app_stage_signing_in(),
  pushing: () => m.app_stage_pushing(),
  pulling: () => m.app_stage_pulling(),
  sending_files: () => m.app_stage_sending_files(),
};

/** The stages in the order they run. */
export const STAGE_ORDER: readonly SyncStage[] = [
  'signing_in',
  'pushing',
  'pulling',
  'sending_files',
];

export const stageName = (stage: SyncStage): string => STAGES[stage]();

/** A count for messages with plural forms: the number chooses the form, the text is printed. */
export function counted(count: number): { count: number; shown: string } {
  return { count, shown: fmt().number(count) };
}

/** "Sending records · 12 of 40". */
export function stageWords(status: SyncStatus | null): string {
  if (!status?.stage) return m.app_sync_starting();
  const name = stageName(status.stage);
  if (status.total === null || status.total === 0) return name;
  return m.app_sync_stage_of({ stage: name, progress: doneOf(status.done, status.total) });
}

export function doneOf(done: number, total: number): string {
  return m.app_of({ done: fmt().number(done), total: fmt().number(total) });
}

/** "12 records, 3 files (4.2 MB)"; empty when nothing waits. */
export function waitingWords(ledger: Ledger): string {
  const parts: string[] = [];
  if (ledger.unsent_records > 0) parts.push(m.app_count_records(counted(ledger.unsent_records)));
  if (ledger.unsent_files > 0) {
    const files = m.app_count_files(counted(ledger.unsent_files));
    parts.push(m.app_files_bytes({ files, bytes: fmt().bytes(ledger.unsent_bytes) }));
  }
  return parts.length === 0 ? '' : m.app_pill_waiting({ what: fmt().list(parts) });
}

/** What a finished run did, a sentence each; empty when it had nothing to do. */
export function reportLines(report: SyncReport): string[] {
  const lines: string[] = report.sent_again ? [m.app_report_sent_again()] : [];
  if (report.repaired_gap) lines.push(m.app_report_repaired_gap());
  const say = (count: number, words: (given: { count: number; shown: string }) => string) => {
    if (count > 0) lines.push(words(counted(count)));
  };
  say(report.applied, m.app_report_applied);
  say(report.same, m.app_report_same);
  say(report.files_sent, m.app_report_files_sent);
  say(report.pulled, m.app_report_pulled);
  say(report.conflicts, m.app_report_conflicts);
  say(report.rejected, m.app_report_rejected);
  say(report.repaired.length, m.app_report_repaired);
  say(report.differing.length, m.app_report_differing);
  return lines;
}

/** What the server's answer on a stick brought. */
export function answerLines(answer: BundleReport): string[] {
  const lines: string[] = answer.sends_again ? [m.app_report_sends_again()] : [];
  const say = (count: number, words: (given: { count: number; shown: string }) => string) => {
    if (count > 0) lines.push(words(counted(count)));
  };
  say(answer.applied, m.app_report_applied);
  say(answer.same, m.app_report_same);
  say(answer.files, m.app_report_files_sent);
  say(answer.pulled, m.app_report_pulled);
  say(answer.conflicts, m.app_report_conflicts);
  say(answer.rejected, m.app_report_rejected);
  const quiet = lines.length === 0 && answer.files_refused.length === 0;
  return quiet ? [m.app_sync_nothing_new()] : lines;
}

/** Whether an exchange left something for the person to see to. */
export function isTroubled(report: Pick<SyncReport, 'conflicts' | 'rejected' | 'files_refused'>) {
  return report.conflicts > 0 || report.rejected > 0 || report.files_refused.length > 0;
}

const RECORDS: Record<string, (() => string) | undefined> = {
  answer: () => m.app_record_answer(),
  timeline: () => m.app_record_timeline(),
  acceptance: () => m.app_record_acceptance(),
  evaluation: () => m.app_record_evaluation(),
};

/** The kind of a record; one of a later release shows as it is. */
export const recordWords = (kind: string): string => RECORDS[kind]?.() ?? kind;

/** What a file is, without the words of its format. */
export function mediaWords(mediaType: string): string {
  if (mediaType.startsWith('image/')) return m.app_media_image();
  if (mediaType.startsWith('audio/')) return m.app_media_audio();
  if (mediaType.startsWith('video/')) return m.app_media_video();
  if (mediaType === 'application/pdf') return m.app_media_pdf();
  return m.app_media_other();
}

/** The first and last letters of a digest: enough to compare by eye. */
export function shortHash(sha256: string): string {
  return `${sha256.slice(0, 8)}…${sha256.slice(-4)}`;
}
