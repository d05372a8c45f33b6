// The state of the whole portal: made once by Portal.svelte, reached by `getPortal()` below it.
import { createContext } from 'svelte';

import { keepSession } from '$lib/api/central/call';
import { session, type SignIn } from '$lib/api/central/session';
import type { Me } from '$lib/api/central/types';
import { device } from '$lib/api/device';
import { toApiError, type ApiError } from '$lib/api/error';
import { Announcer } from '$lib/app/announcer.svelte';
import { Preferences, type SettingsKeeper } from '$lib/app/preferences.svelte';
import { browserKeeper } from '$lib/portal/keeper';
import { followChanges } from '$lib/portal/events';
import { Hub } from '$lib/portal/live.svelte';
import { pageHref, parseAddress, type Address } from '$lib/portal/pages';

/** `unknown` until the server was asked; `ended` while somebody's page waits for them to sign in again. */
export type Presence = 'unknown' | 'nobody' | 'here' | 'ended';

export class Portal {
  readonly announcer = new Announcer();
  readonly preferences: Preferences;
  /** Tells whatever is shown that it has changed. */
  readonly hub = new Hub();

  me = $state.raw<Me | null>(null);
  presence = $state<Presence>('unknown');
  /** Why the server could not be asked who is here. */
  error = $state.raw<ApiError | null>(null);
  address = $state.raw<Address>({ path: '', query: {} });
  /** The time as pages show it. */
  nowMs = $state(Date.now());
  /** Asked before the page goes away while something typed is only on the screen. */
  unsaved = $state(0);

  #csrf: string | null = null;
  #renewals: ((isSame: boolean) => void)[] = [];

  constructor(keeper: SettingsKeeper = session.namesServer() ? device : browserKeeper) {
    this.preferences = new Preferences(keeper);
    keepSession({ csrf: () => this.#csrf, renew: () => this.#renew() });
  }

  /** Follows the address and the time until the returned function is called. */
  follow(): () => void {
    const read = () => {
      this.address = parseAddress(window.location.hash);
    };
    read();
    window.addEventListener('hashchange', read);
    const timer = setInterval(() => {
      this.nowMs = Date.now();
    }, 20_000);
    return () => {
      window.removeEventListener('hashchange', read);
      clearInterval(timer);
    };
  }

  go(href: string): void {
    window.location.hash = href;
  }

  /** Goes there without a step to come back to. */
  replace(href: string): void {
    window.history.replaceState(null, '', href);
    this.address = parseAddress(href);
  }

  /** The same page, asked for something else: nothing to come back to. */
  ask(query: Record<string, string>): void {
    this.replace(pageHref(this.address.path.replaceAll(':', '%3A'), {}, query));
  }

  /** Follows what changes on the server, while somebody is here. */
  followChanges(): () => void {
    return followChanges(this.hub, () => void this.#lookForEnd());
  }

  /** The stream of changes ended: perhaps the session did. */
  async #lookForEnd(): Promise<void> {
    try {
      const me = await session.who();
      if (me === undefined && this.presence === 'here') this.presence = 'ended';
    } catch {
      // Out of reach: the next call says so.
    }
  }

  /** Asks the server who is here. */
  async load(): Promise<void> {
    try {
      await this.preferences.load();
      await this.#ask();
    } catch (thrown) {
      this.error = toApiError(thrown);
    }
  }

  async signIn(input: SignIn): Promise<void> {
    const begun = await session.signIn(input);
    this.#csrf = begun.csrf ?? null;
    const before = this.me;
    await this.#ask();
    if (before !== null && before.person.id !== this.me?.person.id) {
      // Another person's page must not stay on the screen, nor what its reader typed.
      this.#settle(false);
      this.replace('#/');
      return;
    }
    this.#settle(true);
  }

  /** Ends the session; a server that cannot be reached is told another time, by its clock. */
  async signOut(): Promise<void> {
    try {
      await session.signOut();
    } catch (thrown) {
      const error = toApiError(thrown);
      if (error.code !== 'session.ended') throw error;
    }
    this.leave();
  }

  /** Forgets who was here. */
  leave(): void {
    this.#csrf = null;
    this.me = null;
    this.presence = 'nobody';
    this.unsaved = 0;
    this.#settle(false);
    this.replace('#/');
  }

  /** Something about the own account changed. */
  async refresh(): Promise<void> {
    await this.#ask();
  }

  async #ask(): Promise<void> {
    const me = await session.who();
    this.error = null;
    if (me === undefined) {
      this.presence = 'nobody';
      return;
    }
    this.#csrf = me.csrf ?? this.#csrf;
    this.me = me;
    this.presence = 'here';
  }

  #renew(): Promise<boolean> {
    if (this.me === null) return Promise.resolve(false);
    this.presence = 'ended';
    return new Promise((resolve) => {
      this.#renewals.push(resolve);
    });
  }

  #settle(isSame: boolean): void {
    const waiting = this.#renewals;
    this.#renewals = [];
    for (const resolve of waiting) resolve(isSame);
  }
}

export const [getPortal, setPortal] = createContext<Portal>();
