// The device API as verbs. The only place that knows routes.
import { call, fetchBytes } from '$lib/api/call';
import type { AnswerInput, Kept, Settings } from '$lib/api/types';

export { whenLocked } from '$lib/api/call';

/** A file the device made, with the name it gave it. */
export interface NamedBytes {
  name: string;
  bytes: Uint8Array<ArrayBuffer>;
}

export const device = {
  state: () => call('get', '/state'),
  create: (passphrase: string) => call('post', '/create', { input: { passphrase } }),
  unlock: (passphrase: string) => call('post', '/unlock', { input: { passphrase } }),
  beginAgain: (passphrase: string) => call('post', '/begin-again', { input: { passphrase } }),
  lock: () => call('post', '/lock'),
  changePassphrase: (old: string, next: string) =>
    call('post', '/passphrase', { input: { old, new: next } }),
  enrol: (input: { server: string; user: string; password: string; device_name: string }) =>
    call('post', '/enrol', { input }),
  settings: () => call('get', '/settings'),
  saveSettings: (settings: Settings) => call('put', '/settings', { input: settings }),

  visits: () => call('get', '/visits'),
  visit: (visit: string) => call('get', '/visits/{visit}', { path: { visit } }),
  rubric: (sha256: string) => call('get', '/rubrics/{sha256}', { path: { sha256 } }),
  accept: (visit: string) =>
    call('post', '/visits/{visit}/accept', {
      path: { visit },
      input: { no_interest: true, brief_acknowledged: true },
    }),
  decline: (visit: string, reason: string) =>
    call('post', '/visits/{visit}/decline', { path: { visit }, input: { reason } }),
  answer: (visit: string, criterion: string, input: AnswerInput) =>
    call('put', '/visits/{visit}/answers/{criterion}', { path: { visit, criterion }, input }),
  note: (visit: string, criterion: string, note: string) =>
    call('put', '/visits/{visit}/answers/{criterion}/note', {
      path: { visit, criterion },
      input: { note },
    }),
  undo: (visit: string, criterion: string) =>
    call('post', '/visits/{visit}/answers/{criterion}/undo', { path: { visit, criterion } }),
  /** `at_ms` null is now, by the device's steady clock. */
  setTime: (visit: string, moment: string, at_ms: number | null) =>
    call('put', '/visits/{visit}/times/{moment}', { path: { visit, moment }, input: { at_ms } }),
  clearTime: (visit: string, moment: string) =>
    call('delete', '/visits/{visit}/times/{moment}', { path: { visit, moment } }),
  addContact: (visit: string, channel: string) =>
    call('post', '/visits/{visit}/contacts', { path: { visit }, input: { channel } }),
  removeContact: (visit: string, contact: string) =>
    call('delete', '/visits/{visit}/contacts/{contact}', { path: { visit, contact } }),
  contactMoment: (visit: string, contact: string, moment: string, at_ms: number | null) =>
    call('post', '/visits/{visit}/contacts/{contact}/moments', {
      path: { visit, contact },
      input: { moment, at_ms },
    }),
  correctContactMoment: (visit: string, contact: string, index: number, at_ms: number) =>
    call('put', '/visits/{visit}/contacts/{contact}/moments/{index}', {
      path: { visit, contact, index },
      input: { at_ms },
    }),
  removeContactMoment: (visit: string, contact: string, index: number) =>
    call('delete', '/visits/{visit}/contacts/{contact}/moments/{index}', {
      path: { visit, contact, index },
    }),
  attach: (visit: string, criterion: string, kind: string, file: Blob) =>
    call('post', '/visits/{visit}/evidence', {
      path: { visit },
      query: { criterion, kind },
      file,
    }),
  detach: (visit: string, criterion: string, sha256: string) =>
    call('delete', '/visits/{visit}/evidence/{criterion}/{sha256}', {
      path: { visit, criterion, sha256 },
    }),
  evidence: async (sha256: string) => {
    const response = await fetchBytes('get', '/evidence/{sha256}', { path: { sha256 } });
    return new Blob([response.body], { type: response.contentType });
  },
  submit: (visit: string, followed_brief: boolean) =>
    call('post', '/visits/{visit}/submit', { path: { visit }, input: { followed_brief } }),

  startSync: () => call('post', '/sync'),
  cancelSync: () => call('post', '/sync/cancel'),
  /** With `after`, waits until something is newer than that tick (20 s at most). */
  syncStatus: (after?: number, signal?: AbortSignal) =>
    call('get', '/sync', { query: { after }, signal }),
  ledger: () => call('get', '/ledger'),
  conflicts: () => call('get', '/conflicts'),
  resolve: (operation: string, keep: Kept) =>
    call('post', '/conflicts/{operation}', { path: { operation }, input: { keep } }),
  rejections: () => call('get', '/rejections'),
  sendAgain: (operation: string) =>
    call('post', '/rejections/{operation}/again', { path: { operation } }),
  bundle: async (): Promise<NamedBytes> => {
    const response = await fetchBytes('post', '/bundle');
    const name = /filename="?([^";]+)"?/.exec(response.disposition)?.[1] ?? 'mizan.mizb';
    return { name, bytes: response.body };
  },
  bundleAnswer: (file: Blob) => call('post', '/bundle/answer', { file }),
};

export type DeviceApi = typeof device;
