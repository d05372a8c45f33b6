// Calls of an API, typed by its own description: the path must exist, be given what its braces name,
// and take this body; the answer has the shape it is described with.
import { ApiError, toApiError } from '$lib/api/error';
import { transport, type ApiRequest, type ApiResponse } from '$lib/api/transport';
import type { ErrorBody } from '$lib/api/types';

export type Verb = 'get' | 'put' | 'post' | 'delete';

/** An API's routes as addresses under its root. */
export type Route<Paths, Root extends string> = keyof Paths extends infer Path
  ? Path extends `${Root}${infer Rest}`
    ? Rest
    : never
  : never;
export type Operation<
  Paths,
  Root extends string,
  R extends string,
  V extends Verb,
> = Paths[`${Root}${R}` & keyof Paths] extends infer At
  ? V extends keyof At
    ? At[V]
    : never
  : never;
/** The routes that know a verb. */
export type RouteOf<Paths, Root extends string, V extends Verb> = {
  [R in Route<Paths, Root>]: Operation<Paths, Root, R, V> extends { responses: unknown }
    ? R
    : never;
}[Route<Paths, Root>];

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
export type AnswerOf<O> = O extends {
  responses: { 200: { content: { 'application/json': infer Told } } };
}
  ? Told
  : undefined;

/** What goes with a call: all its route needs, and nothing its route does not take. */
type Given<O> = PathOf<O> & QueryOf<O> & InputOf<O> & { signal?: AbortSignal };
export type Arguments<O> = Nothing extends Given<O> ? [given?: Given<O>] : [given: Given<O>];

export interface AnyGiven {
  path?: Record<string, string | number>;
  query?: Record<string, unknown>;
  input?: unknown;
  file?: Blob;
  signal?: AbortSignal;
}

export function parse(response: ApiResponse): unknown {
  const text = new TextDecoder().decode(response.body);
  return text === '' ? undefined : JSON.parse(text);
}

function refusal(response: ApiResponse): ApiError {
  try {
    const body = parse(response) as Partial<ErrorBody> | undefined;
    if (typeof body?.code === 'string')
      return new ApiError(response.status, { ...body, code: body.code });
  } catch {
    // Not JSON: whatever answered is not the back end.
  }
  return new ApiError(response.status, { code: 'server.not_understood', params: {} });
}

/** The address of a route: `/visits/{visit}` with what its braces name, and the query. */
export function address(root: string, route: string, { path = {}, query = {} }: AnyGiven): string {
  const filled = route.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = path[name];
    if (value === undefined) throw new Error(`${route} needs ${name}`);
    return encodeURIComponent(value);
  });
  const asked = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === null ? [] : [[name, String(value)]],
  );
  return root + filled + (asked.length > 0 ? `?${new URLSearchParams(asked)}` : '');
}

async function requestOf(root: string, verb: Verb, route: string, given: AnyGiven) {
  const { input, file, signal } = given;
  const request: ApiRequest = {
    method: verb.toUpperCase(),
    path: address(root, route, given),
    signal,
  };
  if (file) {
    request.body = new Uint8Array(await file.arrayBuffer());
    request.contentType = file.type || 'application/octet-stream';
  } else if (input !== undefined) {
    request.body = new TextEncoder().encode(JSON.stringify(input));
    request.contentType = 'application/json';
  }
  return request;
}

/** Sends one call and waits for its answer; whatever is not a success is thrown as it was said. */
export async function send(
  root: string,
  verb: Verb,
  route: string,
  given: AnyGiven = {},
  headers: Record<string, string> = {},
): Promise<ApiResponse> {
  const request = { ...(await requestOf(root, verb, route, given)), headers };
  let response: ApiResponse;
  try {
    response = await transport(request);
  } catch (thrown) {
    if (given.signal?.aborted) throw thrown;
    throw toApiError(thrown);
  }
  if (response.status < 200 || response.status > 299) throw refusal(response);
  return response;
}
