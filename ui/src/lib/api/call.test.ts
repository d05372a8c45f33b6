import { afterEach, describe, expect, it, vi } from 'vitest';

import { call, fetchBytes, whenLocked } from '$lib/api/call';
import { address } from '$lib/api/client';
import { ApiError } from '$lib/api/error';

const answers = (status: number, body: string) =>
  vi.fn((_path: string, _init: RequestInit) =>
    Promise.resolve(new Response(body || null, { status })),
  );

async function refused(promise: Promise<unknown>): Promise<ApiError> {
  const thrown: unknown = await promise.then(
    () => null,
    (error: unknown) => error,
  );
  if (!(thrown instanceof ApiError)) throw new Error('it was not refused');
  return thrown;
}

describe('an address', () => {
  it('has what the braces name, as text and not as a path of its own', () => {
    const path = { visit: 'v', criterion: 'A/2?' };
    expect(address('/api/device', '/visits/{visit}/answers/{criterion}', { path })).toBe(
      '/api/device/visits/v/answers/A%2F2%3F',
    );
  });

  it('asks only what is given', () => {
    expect(address('/api/device', '/sync', { query: { after: undefined } })).toBe(
      '/api/device/sync',
    );
    expect(address('/api/device', '/sync', { query: { after: 0 } })).toBe(
      '/api/device/sync?after=0',
    );
  });

  it('is not made when something is missing', () => {
    expect(() => address('/api/device', '/visits/{visit}', {})).toThrow('visit');
  });
});

describe('a call', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    whenLocked(() => undefined);
  });

  it('sends JSON and returns what the device tells', async () => {
    const fetched = answers(200, '{"phase":"unlocked"}');
    vi.stubGlobal('fetch', fetched);
    expect(await call('post', '/unlock', { input: { passphrase: 'x' } })).toEqual({
      phase: 'unlocked',
    });
    const [path, init] = fetched.mock.calls[0] ?? [];
    expect(path).toBe('/api/device/unlock');
    expect(init?.method).toBe('POST');
    expect(new TextDecoder().decode(init?.body as Uint8Array)).toBe('{"passphrase":"x"}');
  });

  it('sends a file as it is', async () => {
    const fetched = answers(200, '{}');
    vi.stubGlobal('fetch', fetched);
    await call('post', '/bundle/answer', { file: new Blob([new Uint8Array([1, 2, 255])]) });
    const init = fetched.mock.calls[0]?.[1];
    expect([...(init?.body as Uint8Array)]).toEqual([1, 2, 255]);
    expect(init?.headers).toEqual({ 'content-type': 'application/octet-stream' });
  });

  it('has no answer where there is none', async () => {
    vi.stubGlobal('fetch', answers(204, ''));
    expect(await call('post', '/rejections/{operation}/again', { path: { operation: 'o' } })).toBe(
      undefined,
    );
  });

  it('carries a refusal as the device said it', async () => {
    vi.stubGlobal('fetch', answers(403, '{"code":"device.wrong_passphrase","params":{}}'));
    const error = await refused(call('post', '/unlock', { input: { passphrase: 'x' } }));
    expect(error.status).toBe(403);
    expect(error.code).toBe('device.wrong_passphrase');
  });

  it('tells of a device that locked itself, also when bytes were asked for', async () => {
    vi.stubGlobal('fetch', answers(423, '{"code":"device.locked"}'));
    const heard = vi.fn();
    whenLocked(heard);
    await refused(fetchBytes('get', '/evidence/{sha256}', { path: { sha256: 'a' } }));
    expect(heard).toHaveBeenCalledOnce();
  });

  it('does not take another program’s answer for the device’s', async () => {
    vi.stubGlobal('fetch', answers(502, '<h1>Bad gateway</h1>'));
    expect((await refused(call('get', '/state'))).code).toBe('server.not_understood');
  });

  it('says when nothing answers', async () => {
    vi.stubGlobal(
      'fetch',
      vi.fn(() => Promise.reject(new TypeError('failed'))),
    );
    expect((await refused(call('get', '/state'))).code).toBe('ui.unreachable');
  });

  it('keeps to the description', () => {
    // Never run: each line stands for a mistake that must not compile.
    const mistakes = () => [
      // @ts-expect-error: no such route
      call('get', '/nothing'),
      // @ts-expect-error: no such verb on it
      call('delete', '/state'),
      // @ts-expect-error: the route names a visit
      call('get', '/visits/{visit}'),
      // @ts-expect-error: the passphrase is text
      call('post', '/unlock', { input: { passphrase: 1 } }),
      // @ts-expect-error: it takes a body
      call('post', '/unlock'),
      // @ts-expect-error: criterion and kind must be given
      call('post', '/visits/{visit}/evidence', { path: { visit: 'v' }, file: new Blob() }),
      // @ts-expect-error: it takes bytes
      call('post', '/bundle/answer', { input: {} }),
    ];
    expect(mistakes).toBeTypeOf('function');
  });
});
