// The window's transport: one raw command, one frame back. `src-tauri` describes the frame.
import { invoke, isTauri } from '@tauri-apps/api/core';

import { shellRefusal } from '$lib/api/error';
import type { ApiResponse, Transport } from '$lib/api/transport';

/** Whether the page runs inside the desktop window. */
export function inWindow(): boolean {
  return isTauri();
}

/**
 * Takes one answer frame apart: u16 BE status, u16 BE length and text of the content type,
 * u16 BE length and text of the content disposition, then the body.
 */
export function decodeFrame(frame: Uint8Array<ArrayBuffer>): ApiResponse {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  let at = 2;
  const text = () => {
    const from = at + 2;
    at = from + view.getUint16(at);
    return new TextDecoder().decode(frame.subarray(from, at));
  };
  const contentType = text();
  const disposition = text();
  return { status: view.getUint16(0), contentType, disposition, body: frame.subarray(at) };
}

export const windowTransport: Transport = async ({ method, path, body, contentType, signal }) => {
  const headers: Record<string, string> = { method, path };
  // Not "content-type": the shell's own bridge overwrites that one.
  if (contentType) headers.type = contentType;
  const asked = invoke<ArrayBuffer | number[]>('api', body ?? new Uint8Array(), { headers });
  const frame = await asked.catch((thrown: unknown) => {
    throw shellRefusal(thrown, 'ui.unreachable');
  });
  // A command cannot be taken back; its answer can be left unread.
  signal?.throwIfAborted();
  return decodeFrame(new Uint8Array(frame));
};
