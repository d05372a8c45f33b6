// The device API as verbs. The only place that knows paths.
import { ApiError } from '$lib/api/error';
import { transport, type ApiResponse } from '$lib/api/transport';
import type {
  AnswerInput,
  AnswerSaved,
  BundleAnswer,
  ConflictView,
  DeviceState,
  ErrorBody,
  Ledger,
  Rejection,
  Rubric,
  Settings,
  SyncStatus,
  VisitList,
  VisitView,
} from '$lib/api/types';

const ROOT = '/api/device';
const part = encodeURIComponent;

function parse<T>(response: ApiResponse): T {
  const text = new TextDecoder().decode(response.body);
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

function refusal(response: ApiResponse): ApiError {
  try {
    const body = parse<ErrorBody | undefined>(response);
    if (body && typeof body.code === 'string') return new ApiError(response.status, body);
  } catch {
    // Not JSON: whatever answered is not the device.
  }
  return new ApiError(response.status, { code: 'server.not_understood', params: {} });
}

let locked = () => {};

/** Calls back when the device answers that it is locked: something other than this page locked it. */
export function whenLocked(heard: () => void): void {
  locked = heard;
}

async function send(
  method: string,
  path: string,
  body?: Uint8Array<ArrayBuffer>,
  contentType?: string,
  signal?: AbortSignal,
): Promise<ApiResponse> {
  let response: ApiResponse;
  try {
    response = await transport({ method, path: ROOT + path, body, contentType, signal });
  } catch (thrown) {
    if (signal?.aborted) throw thrown;
    throw new ApiError(0, { code: 'ui.unreachable', params: {} });
  }
  if (response.status < 200 || response.status > 299) {
    const error = refusal(response);
    if (error.code === 'device.locked') locked();
    throw error;
  }
  return response;
}

async function json<T>(
  method: string,
  path: string,
  input?: unknown,
  signal?: AbortSignal,
): Promise<T> {
  const body = input === undefined ? undefined : new TextEncoder().encode(JSON.stringify(input));
  return parse<T>(await send(method, path, body, body && 'application/json', signal));
}

async function bytesOf(file: Blob): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await file.arrayBuffer());
}

/** A file the device made, with the name it gave it. */
export interface NamedBytes {
  name: string;
  bytes: Uint8Array<ArrayBuffer>;
}

export const device = {
  state: () => json<DeviceState>('GET', '/state'),
  create: (passphrase: string) => json<DeviceState>('POST', '/create', { passphrase }),
  unlock: (passphrase: string) => json<DeviceState>('POST', '/unlock', { passphrase }),
  beginAgain: (passphrase: string) => json<DeviceState>('POST', '/begin-again', { passphrase }),
  lock: () => json<DeviceState>('POST', '/lock'),
  changePassphrase: (old: string, next: string) =>
    json<undefined>('POST', '/passphrase', { old, new: next }),
  enrol: (input: { server: string; user: string; password: string; device_name: string }) =>
    json<DeviceState>('POST', '/enrol', input),
  settings: () => json<Settings>('GET', '/settings'),
  saveSettings: (settings: Settings) => json<Settings>('PUT', '/settings', settings),

  visits: () => json<VisitList>('GET', '/visits'),
  visit: (visit: string) => json<VisitView>('GET', `/visits/${part(visit)}`),
  rubric: (sha256: string) => json<Rubric>('GET', `/rubrics/${part(sha256)}`),
  accept: (visit: string) =>
    json<VisitView>('POST', `/visits/${part(visit)}/accept`, {
      no_interest: true,
      brief_acknowledged: true,
    }),
  decline: (visit: string, reason: string) =>
    json<undefined>('POST', `/visits/${part(visit)}/decline`, { reason }),
  answer: (visit: string, criterion: string, input: AnswerInput) =>
    json<AnswerSaved>('PUT', `/visits/${part(visit)}/answers/${part(criterion)}`, input),
  note: (visit: string, criterion: string, note: string) =>
    json<AnswerSaved>('PUT', `/visits/${part(visit)}/answers/${part(criterion)}/note`, { note }),
  undo: (visit: string, criterion: string) =>
    json<AnswerSaved>('POST', `/visits/${part(visit)}/answers/${part(criterion)}/undo`),
  /** `at_ms` null is now, by the device's steady clock. */
  setTime: (visit: string, moment: string, at_ms: number | null) =>
    json<VisitView>('PUT', `/visits/${part(visit)}/times/${part(moment)}`, { at_ms }),
  clearTime: (visit: string, moment: string) =>
    json<VisitView>('DELETE', `/visits/${part(visit)}/times/${part(moment)}`),
  addContact: (visit: string, channel: string) =>
    json<VisitView>('POST', `/visits/${part(visit)}/contacts`, { channel }),
  removeContact: (visit: string, contact: string) =>
    json<VisitView>('DELETE', `/visits/${part(visit)}/contacts/${part(contact)}`),
  contactMoment: (visit: string, contact: string, moment: string, at_ms: number | null) =>
    json<VisitView>('POST', `/visits/${part(visit)}/contacts/${part(contact)}/moments`, {
      moment,
      at_ms,
    }),
  correctContactMoment: (visit: string, contact: string, index: number, at_ms: number) =>
    json<VisitView>('PUT', `/visits/${part(visit)}/contacts/${part(contact)}/moments/${index}`, {
      at_ms,
    }),
  removeContactMoment: (visit: string, contact: string, index: number) =>
    json<VisitView>('DELETE', `/visits/${part(visit)}/contacts/${part(contact)}/moments/${index}`),
  attach: async (visit: string, criterion: string, kind: string, file: Blob) => {
    const query = `criterion=${part(criterion)}&kind=${part(kind)}`;
    const type = file.type || 'application/octet-stream';
    const path = `/visits/${part(visit)}/evidence?${query}`;
    return parse<VisitView>(await send('POST', path, await bytesOf(file), type));
  },
  detach: (visit: string, criterion: string, sha256: string) =>
    json<VisitView>('DELETE', `/visits/${part(visit)}/evidence/${part(criterion)}/${part(sha256)}`),
  evidence: async (sha256: string) => {
    const response = await send('GET', `/evidence/${part(sha256)}`);
    return new Blob([response.body], { type: response.contentType });
  },
  submit: (visit: string, followed_brief: boolean) =>
    json<VisitView>('POST', `/visits/${part(visit)}/submit`, { followed_brief }),

  startSync: () => json<SyncStatus>('POST', '/sync'),
  cancelSync: () => json<SyncStatus>('POST', '/sync/cancel'),
  /** With `after`, waits until something is newer than that tick (20 s at most). */
  syncStatus: (after?: number, signal?: AbortSignal) =>
    json<SyncStatus>(
      'GET',
      after === undefined ? '/sync' : `/sync?after=${after}`,
      undefined,
      signal,
    ),
  ledger: () => json<Ledger>('GET', '/ledger'),
  conflicts: () => json<ConflictView[]>('GET', '/conflicts'),
  resolve: (operation: string, keep: 'ours' | 'theirs') =>
    json<undefined>('POST', `/conflicts/${part(operation)}`, { keep }),
  rejections: () => json<Rejection[]>('GET', '/rejections'),
  sendAgain: (operation: string) => json<undefined>('POST', `/rejections/${part(operation)}/again`),
  bundle: async (): Promise<NamedBytes> => {
    const response = await send('POST', '/bundle');
    const name = /filename="?([^";]+)"?/.exec(response.disposition)?.[1] ?? 'mizan.mizb';
    return { name, bytes: response.body };
  },
  bundleAnswer: async (file: Blob) =>
    parse<BundleAnswer>(
      await send('POST', '/bundle/answer', await bytesOf(file), 'application/octet-stream'),
    ),
};

export type DeviceApi = typeof device;
