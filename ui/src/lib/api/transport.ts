// The two ways to the device: HTTP in a browser, one command in the window.
import { inWindow, windowTransport } from '$lib/api/tauri';

export interface ApiRequest {
  method: string;
  path: string;
  body?: Uint8Array<ArrayBuffer>;
  contentType?: string;
  /** What else is said of it. The window's calls carry none. */
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

export interface ApiResponse {
  status: number;
  contentType: string;
  /** The `content-disposition` header, empty when there is none. */
  disposition: string;
  body: Uint8Array<ArrayBuffer>;
}

export type Transport = (request: ApiRequest) => Promise<ApiResponse>;

export const httpTransport: Transport = async ({
  method,
  path,
  body,
  contentType,
  headers,
  signal,
}) => {
  const response = await fetch(path, {
    method,
    body,
    signal,
    headers: { ...headers, ...(contentType ? { 'content-type': contentType } : {}) },
    cache: 'no-store',
    credentials: 'same-origin',
  });
  return {
    status: response.status,
    contentType: response.headers.get('content-type') ?? '',
    disposition: response.headers.get('content-disposition') ?? '',
    body: new Uint8Array(await response.arrayBuffer()),
  };
};

export const transport: Transport = inWindow() ? windowTransport : httpTransport;
