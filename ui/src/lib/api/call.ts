// One call of the device API, typed by the device's own description: the path must exist, be given
// what its braces name, and take this body; the answer has the shape it is described with.
import { ApiError, toApiError } from '$lib/api/error';
import type { paths } from '$lib/api/generated/device';
import { transport, type ApiResponse } from '$lib/api/transport';
import type { ErrorBody, Known } from '$lib/api/types';

const ROOT = '/api/device';

type Route = keyof paths extends infer Path
  ? Path extends `${typeof ROOT}${infer Rest}`
    ? Rest
    : never
  : never;
type Verb = 'get' | 'put' | 'post' | 'delete';
type Operation<R extends Route, V extends Verb> = paths[`${typeof ROOT}${R}` & keyof paths][V];
/** The routes that know a verb. */
export type RouteOf<V extends Verb> = {
  [R in Route]: Operation<R, V> extends { responses: unknown } ? R : never;
}[Route];

type Nothing = Record<never, never>;
type PathOf<O> = O extends { parameters: { path: infer Path } } ? { path: Path } : Nothing;
type QueryOf<O> = O extends { parameters: { query: infer Query } }
  ? { query: Query }
  : O extends { parameters: { query?: infer Query } }
    ? { query?: Query }
    : Nothing;
/** What a route takes: JSON, bytes as they are, or nothing. */
type InputOf<O> = O extends { requestBody: { content: { 'application/json': infer Input } } }
  ? { input: Input }
  : O extends { requestBody: { content: { 'application/octet-stream': unknown } } }
    ? { file: Blob }
    : Nothing;
type AnswerOf<O> = O extends {
  responses: { 200: { content: { 'application/json': infer Told } } };
}
  ? Known<Told>
  : undefined;

/** What goes with a call: all its route needs, and nothing its route does not take. */
type Given<O> = PathOf<O> & QueryOf<O> & InputOf<O> & { signal?: AbortSignal };
type Arguments<O> = Nothing extends Given<O> ? [given?: Given<O>] : [given: Given<O>];

interface AnyGiven {
  path?: Record<string, string | number>;
  query?: Record<string, unknown>;
  input?: unknown;
  file?: Blob;
  signal?: AbortSignal;
}

function parse(response: ApiResponse): unknown {
  const text = new TextDecoder().decode(response.body);
  return text === '' ? undefined : JSON.parse(text);
}

function refusal(response: ApiResponse): ApiError {
  try {
    const body = parse(response) as Partial<ErrorBody> | undefined;
    if (typeof body?.code === 'string')
      return new ApiError(response.status, { ...body, code: body.code });
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

/** The address of a route: `/visits/{visit}` with what its braces name, and the query. */
export function address(route: string, { path = {}, query = {} }: AnyGiven): string {
  const filled = route.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = path[name];
    if (value === undefined) throw new Error(`${route} needs ${name}`);
    return encodeURIComponent(value);
  });
  const asked = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === null ? [] : [[name, String(value)]],
  );
  return ROOT + filled + (asked.length > 0 ? `?${new URLSearchParams(asked)}` : '');
}

async function send(verb: Verb, route: string, given: AnyGiven = {}): Promise<ApiResponse> {
  const { input, file, signal } = given;
  const request = { method: verb.toUpperCase(), path: address(route, given), signal };
  let response: ApiResponse;
  try {
    if (file) {
      const body = new Uint8Array(await file.arrayBuffer());
      const contentType = file.type || 'application/octet-stream';
      response = await transport({ ...request, body, contentType });
    } else if (input !== undefined) {
      const body = new TextEncoder().encode(JSON.stringify(input));
      response = await transport({ ...request, body, contentType: 'application/json' });
    } else {
      response = await transport(request);
    }
  } catch (thrown) {
    if (signal?.aborted) throw thrown;
    throw toApiError(thrown);
  }
  if (response.status < 200 || response.status > 299) {
    const error = refusal(response);
    if (error.code === 'device.locked') locked();
    throw error;
  }
  return response;
}

/** Calls a route that answers with JSON, or with nothing. */
export async function call<V extends Verb, R extends RouteOf<V>>(
  verb: V,
  route: R,
  ...[given]: Arguments<Operation<R, V>>
): Promise<AnswerOf<Operation<R, V>>> {
  return parse(await send(verb, route, given as AnyGiven)) as AnswerOf<Operation<R, V>>;
}

/** Calls a route that answers with bytes. */
export async function fetchBytes<V extends Verb, R extends RouteOf<V>>(
  verb: V,
  route: R,
  ...[given]: Arguments<Operation<R, V>>
): Promise<ApiResponse> {
  return await send(verb, route, given as AnyGiven);
}
