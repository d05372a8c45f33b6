// One call of the central server's API: straight to it from the portal it serves, through the device
// shell from a desktop window, which keeps the token and gives the page none.
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
import type { paths } from '$lib/api/generated/central';
import type { ApiResponse } from '$lib/api/transport';

const DESCRIBED = '/api';

/** Whether a device shell carries the calls: there this page has a name of its own. */
export function isForwarded(path: string): boolean {
  return path.endsWith('/portal.html');
}

const root = (): string =>
  typeof location !== 'undefined' && isForwarded(location.pathname) ? '/api/central' : DESCRIBED;

type Of<R extends string, V extends Verb> = Operation<paths, typeof DESCRIBED, R, V>;
/** The routes that know a verb. */
export type RouteOf<V extends Verb> = RouteOfApi<paths, typeof DESCRIBED, V>;

/** What stands between a call and a session that may end at any time. */
export interface SessionKeeper {
  /** Shown with whatever changes something. */
  csrf: () => string | null;
  /** The session ended under a call: true once the same person is signed in again. */
  renew: () => Promise<boolean>;
}

let keeper: SessionKeeper = { csrf: () => null, renew: () => Promise.resolve(false) };

export function keepSession(by: SessionKeeper): void {
  keeper = by;
}

/** Sends a call; one that met the end of the session waits for its renewal and is sent once more. */
async function ask(verb: Verb, route: string, given?: AnyGiven): Promise<ApiResponse> {
  const once = () => {
    const csrf = verb === 'get' ? null : keeper.csrf();
    return send(root(), verb, route, given, csrf === null ? {} : { 'x-mizan-csrf': csrf });
  };
  try {
    return await once();
  } catch (thrown) {
    const ended = thrown instanceof ApiError && thrown.code === 'session.ended';
    if (!ended || !(await keeper.renew())) throw thrown;
    return await once();
  }
}

/** Calls a route that answers with JSON, or with nothing. */
export async function call<V extends Verb, R extends RouteOf<V>>(
  verb: V,
  route: R,
  ...[given]: Arguments<Of<R, V>>
): Promise<AnswerOf<Of<R, V>>> {
  return parse(await ask(verb, route, given as AnyGiven)) as AnswerOf<Of<R, V>>;
}

/** Calls a route that answers with bytes. */
export async function fetchBytes<V extends Verb, R extends RouteOf<V>>(
  verb: V,
  route: R,
  ...[given]: Arguments<Of<R, V>>
): Promise<ApiResponse> {
  return await ask(verb, route, given as AnyGiven);
}

/** Calls without waiting for anybody to sign in again: for signing in itself. */
export async function callOnce<Told>(verb: Verb, route: string, input?: unknown): Promise<Told> {
  const csrf = verb === 'get' ? null : keeper.csrf();
  const headers: Record<string, string> = csrf === null ? {} : { 'x-mizan-csrf': csrf };
  return parse(await send(root(), verb, route, { input }, headers)) as Told;
}
