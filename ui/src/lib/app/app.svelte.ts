// The state of the whole app: made once by App.svelte, reached by `getApp()` everywhere below it.
import { createContext } from 'svelte';

import { m } from '$paraglide/messages';

import { device, whenLocked } from '$lib/api/device';
import { toApiError, type ApiError } from '$lib/api/error';
import type { DeviceState } from '$lib/api/types';
import { Announcer } from '$lib/app/announcer.svelte';
import { Preferences } from '$lib/app/preferences.svelte';
import { Query } from '$lib/app/query.svelte';
import { Router } from '$lib/app/router.svelte';
import { Rubrics } from '$lib/app/rubrics';
import { Saving } from '$lib/app/saving.svelte';
import { SyncWatch } from '$lib/app/syncWatch.svelte';
import { thrownWords } from '$lib/errors';

export class App {
  readonly router = new Router();
  readonly announcer = new Announcer();
  readonly saving = new Saving();
  readonly preferences = new Preferences(device);
  readonly sync = new SyncWatch(() => {
    this.exchanged();
  });

  readonly visits = new Query(() => device.visits());
  readonly ledger = new Query(() => device.ledger());
  readonly conflicts = new Query(() => device.conflicts());
  readonly rejections = new Query(() => device.rejections());
  readonly rubrics = new Rubrics(device);

  state = $state.raw<DeviceState | null>(null);
  stateError = $state.raw<ApiError | null>(null);
  /** A screen that shows nothing of the app around it (the pocket mode) sets this while it is up. */
  bare = $state(false);
  /** Enrolled a moment ago: the first exchange is still being shown. */
  settingUp = $state(false);
  /** The time as screens show it: fine enough for "5 minutes ago". */
  nowMs = $state(Date.now());
  /** Goes up after each exchange with the server: what a screen shows of a visit may have changed. */
  exchanges = $state(0);

  constructor() {
    whenLocked(() => {
      if (this.state?.phase === 'unlocked') void this.load();
    });
  }

  /** Keeps `nowMs` moving until the returned function is called. */
  tick(): () => void {
    const timer = setInterval(() => {
      this.nowMs = Date.now();
    }, 20_000);
    return () => {
      clearInterval(timer);
    };
  }

  async load(): Promise<void> {
    try {
      await this.preferences.load();
      this.take(await device.state());
      this.stateError = null;
    } catch (thrown) {
      this.stateError = toApiError(thrown);
    }
  }

  /** The device says what it is now; leaving the open state drops everything that was read. */
  take(state: DeviceState): void {
    this.state = state;
    if (state.phase === 'unlocked') {
      this.sync.follow();
      return;
    }
    this.bare = false;
    this.sync.leave();
    this.saving.reset();
    for (const query of [this.visits, this.ledger, this.conflicts, this.rejections]) query.clear();
    this.rubrics.forget();
  }

  /** Writes what waits, then locks. Refused, with words, while something is unsaved. */
  async lock(): Promise<void> {
    await this.saving.flush();
    if (this.saving.unsaved) {
      this.announcer.toast(m.app_lock_blocked(), 'danger');
      return;
    }
    try {
      this.take(await device.lock());
    } catch (thrown) {
      this.announcer.toast(thrownWords(thrown), 'danger');
    }
  }

  /** A visit was changed on this device: lists and totals are refetched when next shown. */
  visitChanged(): void {
    this.visits.changed();
    this.ledger.changed();
  }

  /** Something came from or went to the server. */
  exchanged(): void {
    this.exchanges += 1;
    this.visitChanged();
    this.conflicts.changed();
    this.rejections.changed();
  }
}

export const [getApp, setApp] = createContext<App>();
