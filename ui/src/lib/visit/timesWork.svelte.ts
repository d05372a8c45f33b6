/** Noting, correcting and removing times. A tap that fails keeps the time at which it was made. */
import type { DeviceApi } from '$lib/api/device';
import { toApiError, type ApiError } from '$lib/api/error';
import type { ContactView, MomentView, VisitView } from '$lib/api/types';
import type { Saving } from '$lib/app/saving.svelte';
import type { VisitWork } from '$lib/visit/visitWork.svelte';

/** What was removed last and can be put back. */
export type Removed =
  | { what: 'moment'; moment: MomentView }
  | { what: 'contact_moment'; contact: string; moment: MomentView }
  | { what: 'contact'; contact: ContactView };

/** A change of times that did not get to the device. */
interface Failed {
  error: ApiError;
  again: () => Promise<VisitView>;
  settle: () => void;
}

/** The verbs of the screen of times. */
export class TimesWork {
  removed = $state.raw<Removed | null>(null);
  failed = $state.raw<Failed | null>(null);
  /** The button under way, by its key. */
  busy = $state<string | null>(null);

  #work: VisitWork;
  #api: DeviceApi;
  #saving: Saving;
  #now: () => number;

  constructor(work: VisitWork, api: DeviceApi, saving: Saving, now: () => number = Date.now) {
    this.#work = work;
    this.#api = api;
    this.#saving = saving;
    this.#now = now;
  }

  /** Notes a moment as now. */
  async tap(moment: string): Promise<void> {
    const { id } = this.#work;
    const tapped = this.#now();
    await this.#do(
      moment,
      () => this.#api.setTime(id, moment, null),
      () => this.#api.setTime(id, moment, tapped),
    );
  }

  /** Sets a moment to a time. */
  async set(moment: string, at_ms: number): Promise<void> {
    await this.#do(moment, () => this.#api.setTime(this.#work.id, moment, at_ms));
  }

  /** Removes a moment; it can be put back. */
  async clear(moment: MomentView): Promise<void> {
    const isDone = await this.#do(moment.moment, () =>
      this.#api.clearTime(this.#work.id, moment.moment),
    );
    if (isDone) this.removed = { what: 'moment', moment };
  }

  /** Begins a contact. */
  async addContact(channel: string): Promise<void> {
    await this.#do(channel, () => this.#api.addContact(this.#work.id, channel));
  }

  /** Notes a moment of a contact as now. */
  async tapContact(contact: string, moment: string): Promise<void> {
    const { id } = this.#work;
    const tapped = this.#now();
    await this.#do(
      `${contact} ${moment}`,
      () => this.#api.contactMoment(id, contact, moment, null),
      () => this.#api.contactMoment(id, contact, moment, tapped),
    );
  }

  /** Notes a moment of a contact at a time. */
  async setContact(contact: string, moment: string, at_ms: number): Promise<void> {
    await this.#do(`${contact} ${moment}`, () =>
      this.#api.contactMoment(this.#work.id, contact, moment, at_ms),
    );
  }

  /** Corrects a moment of a contact. */
  async correctContact(contact: string, index: number, at_ms: number): Promise<void> {
    await this.#do(`${contact} ${index}`, () =>
      this.#api.correctContactMoment(this.#work.id, contact, index, at_ms),
    );
  }

  /** Removes the last moment of a contact; it can be put back. */
  async clearContactMoment(contact: ContactView): Promise<void> {
    const index = contact.moments.length - 1;
    const moment = contact.moments[index];
    if (moment === undefined) return;
    const isDone = await this.#do(`${contact.contact} ${index}`, () =>
      this.#api.removeContactMoment(this.#work.id, contact.contact, index),
    );
    if (isDone) this.removed = { what: 'contact_moment', contact: contact.contact, moment };
  }

  /** Removes a contact; it can be put back. */
  async removeContact(contact: ContactView): Promise<void> {
    const isDone = await this.#do(contact.contact, () =>
      this.#api.removeContact(this.#work.id, contact.contact),
    );
    if (isDone) this.removed = { what: 'contact', contact };
  }

  /** Puts back what was removed last. */
  async putBack(): Promise<void> {
    const removed = this.removed;
    if (removed === null) return;
    await this.#do('removed', () => this.#restore(removed));
  }

  /** Does once more what failed. */
  async again(): Promise<void> {
    const failed = this.failed;
    if (failed === null) return;
    this.giveUp();
    await this.#do('failed', failed.again);
  }

  /** Leaves what failed undone. */
  giveUp(): void {
    this.failed?.settle();
    this.failed = null;
  }

  async #restore(removed: Removed): Promise<VisitView> {
    const { id } = this.#work;
    switch (removed.what) {
      case 'moment':
        return this.#api.setTime(id, removed.moment.moment, removed.moment.at_ms);
      case 'contact_moment': {
        const { moment, at_ms } = removed.moment;
        return this.#api.contactMoment(id, removed.contact, moment, at_ms);
      }
      case 'contact': {
        let view = await this.#api.addContact(id, removed.contact.channel);
        const made = view.contacts.at(-1)?.contact ?? '';
        for (const { moment, at_ms } of removed.contact.moments) {
          view = await this.#api.contactMoment(id, made, moment, at_ms);
        }
        return view;
      }
    }
  }

  /** Carries out a change; `again` is what repeating it means, when that is not the same. */
  async #do(
    key: string,
    call: () => Promise<VisitView>,
    again: () => Promise<VisitView> = call,
  ): Promise<boolean> {
    this.busy = key;
    this.removed = null;
    this.giveUp();
    try {
      await this.#work.change(call);
      return true;
    } catch (thrown) {
      this.failed = { error: toApiError(thrown), again, settle: this.#saving.fail() };
      return false;
    } finally {
      this.busy = null;
    }
  }
}
