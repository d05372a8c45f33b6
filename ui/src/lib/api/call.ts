// One call of the device API.
import {
  parse,
  send,
  type AnswerOf,
  type AnyGiven,
  type Arguments,
  type Operation,
  type RouteOf as RouteOfApi,
  type Verb,
} from '$lib/api/client';
import { ApiError } from '$lib/api/error';
import type { paths } from '$lib/api/generated/device';
import type { ApiResponse } from '$lib/api/transport';
import type { Known } from '$lib/api/types';

const ROOT = '/api/device';

type Of<R extends string, V extends Verb> = Operation<paths, typeof ROOT, R, V>;
/** What is told, in the words of the screens. */
type Told<O> = AnswerOf<O> extends undefined ? undefined : Known<AnswerOf<O>>;
/** The routes that know a verb. */
export type RouteOf<V extends Verb> = RouteOfApi<paths, typeof ROOT, V>;

let locked = () => {};

/** Calls back when the device answers that it is locked: something other than this page locked it. */
export function whenLocked(heard: () => void): void {
  locked = heard;
}

async function ask(verb: Verb, route: string, given?: AnyGiven): Promise<ApiResponse> {
  try {
    return await send(ROOT, verb, route, given);
  } catch (thrown) {
    if (thrown instanceof ApiError && thrown.code === 'device.locked') locked();
    throw thrown;
  }
}

/** Calls a route that answers with JSON, or with nothing. */
export async function call<V extends Verb, R extends RouteOf<V>>(
  verb: V,
  route: R,
  ...[given]: Arguments<Of<R, V>>
): Promise<Told<Of<R, V>>> {
  return parse(await ask(verb, route, given as AnyGiven)) as Told<Of<R, V>>;
}

/** Calls a route that answers with bytes. */
export async function fetchBytes<V extends Verb, R extends RouteOf<V>>(
  verb: V,
  route: R,
  ...[given]: Arguments<Of<R, V>>
): Promise<ApiResponse> {
  return await ask(verb, route, given as AnyGiven);
}
