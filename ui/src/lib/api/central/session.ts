// Coming in, going out, and what keeps the own account.
import { call, callOnce, isForwarded } from '$lib/api/central/call';
import type { Begun, Me } from '$lib/api/central/types';

/** What somebody types to come in. */
export interface SignIn {
  user: string;
  password: string;
  otp?: string;
  /** Of the server; only where a device shell carries the calls. */
  server?: string;
}

export const session = {
  /** Whether the page has to name its server. */
  namesServer: () => isForwarded(location.pathname),
  /** The address that was named last; a device shell keeps it. */
  server: async () => {
    const { server } = await callOnce<{ server: string }>('get', '/server');
    return server;
  },
  /** Nobody: undefined. */
  who: () => callOnce<Me | undefined>('get', '/session'),
  // A shell keeps the token itself and needs no cookie.
  signIn: (input: SignIn) =>
    callOnce<Begun>('post', '/session', { ...input, cookie: input.server === undefined }),
  signOut: () => callOnce<undefined>('delete', '/session'),
  changePassword: (old: string, next: string) =>
    call('post', '/session/password', { input: { old, new: next } }),
  beginTotp: () => call('post', '/session/totp'),
  confirmTotp: (code: string) => call('post', '/session/totp/confirm', { input: { code } }),
  places: () => call('get', '/sessions'),
  endOthers: () => call('delete', '/sessions'),
};
