// The screens as a person names their parts: by the words they read.

import { expect, type Locator, type Page } from '@playwright/test';

import type { Device } from './device.ts';
import type { Key, Words } from './words.ts';

type Values = Record<string, string | number>;
export type Moment = 'arrived' | 'ticket' | 'greeted' | 'called' | 'done' | 'left';

export class Screens {
  constructor(
    readonly page: Page,
    readonly words: Words,
    readonly device: Device,
  ) {}

  /** Opens a screen by its address; the app starts anew. */
  async open(where = '/visits'): Promise<void> {
    await this.page.goto('about:blank');
    await this.page.goto(`${this.device.address}/#${where}`);
  }

  /** Moves to another screen inside the app, as a link would. */
  async go(where: string): Promise<void> {
    await this.page.evaluate((hash) => {
      location.hash = hash;
    }, where);
  }

  /** Waits for a screen by its heading. */
  async expectTitle(key: Key, values?: Values): Promise<void> {
    const name = this.words.say(key, values);
    await expect(this.page.getByRole('heading', { level: 1, name, exact: true })).toBeVisible();
  }

  button(key: Key, values?: Values, within: Page | Locator = this.page): Locator {
    return within.getByRole('button', { name: this.words.say(key, values), exact: true });
  }

  link(key: Key, within: Page | Locator = this.page): Locator {
    return within.getByRole('link', { name: this.words.say(key), exact: true });
  }

  field(key: Key): Locator {
    return this.page.getByLabel(this.words.say(key), { exact: true });
  }

  tick(key: Key): Locator {
    return this.page.getByRole('checkbox', { name: this.words.say(key), exact: true });
  }

  text(key: Key, values?: Values, within: Page | Locator = this.page): Locator {
    return within.getByText(this.words.say(key, values), { exact: true });
  }

  /** Text that holds a message whose values are not known. */
  like(key: Key, values?: Values, within: Page | Locator = this.page): Locator {
    return within.getByText(this.words.like(key, values));
  }

  dialog(key: Key, values?: Values): Locator {
    const name = this.words.say(key, values);
    return this.page
      .getByRole('dialog', { name, exact: true })
      .or(this.page.getByRole('alertdialog', { name, exact: true }));
  }

  /** A visit in the list. */
  visit(id: string): Locator {
    return this.page.locator(`[data-visit="${id}"]`);
  }

  /** The step of the open visit in its bar. */
  step(key: 'visit_step_brief' | 'visit_step_times' | 'visit_step_score' | 'visit_step_check') {
    const steps = this.page.getByRole('navigation', { name: this.words.say('visit_steps_label') });
    return steps.getByRole('link', { name: this.words.like(key) });
  }

  /** A criterion's card. */
  criterion(id: string): Locator {
    return this.page.locator(`[data-criterion="${id}"]`);
  }

  /** Scrolls until a criterion is drawn: only what is near the window is. */
  async reveal(id: string): Promise<Locator> {
    const card = this.criterion(id);
    const main = this.page.locator('#main');
    await expect(this.page.locator('[data-criterion]').first()).toBeAttached();
    await main.evaluate((element) => {
      element.scrollTop = 0;
    });
    // Cards are measured as they are drawn: one that has just come may be moved out again.
    await expect(async () => {
      if ((await card.count()) === 0) {
        await main.evaluate((element) => {
          element.scrollTop += element.clientHeight * 0.8;
        });
      }
      expect(await card.count(), `criterion ${id} is drawn`).toBe(1);
      await card.scrollIntoViewIfNeeded({ timeout: 500 });
      await expect(card).toBeInViewport({ timeout: 500 });
    }).toPass({ intervals: [50], timeout: 10_000 });
    return card;
  }

  /** A step of a criterion's scale, by its word or its number. */
  choice(id: string, word: string): Locator {
    const name = new RegExp(`^${word}(\\s|$)`);
    return this.criterion(id).getByRole('radio', { name });
  }

  number(id: string): Locator {
    return this.criterion(id).locator('input[inputmode="decimal"]');
  }

  note(id: string): Locator {
    return this.criterion(id).getByLabel(this.words.say('visit_note'), { exact: true });
  }

  /** The pieces of evidence in view. */
  evidence(id: string): Locator {
    return this.criterion(id).locator('figure');
  }

  /** Waits until a criterion's card says that the device has it. */
  async expectSaved(id: string): Promise<void> {
    const saved = this.words.say('visit_saved');
    await expect(this.criterion(id).getByText(saved, { exact: true })).toBeVisible();
  }

  /** A moment of the visit among its times. */
  moment(moment: Moment): Locator {
    const name = this.page.getByText(this.words.say(`visit_moment_${moment}`), { exact: true });
    return this.page.locator('main li').filter({ has: name });
  }

  /** A button that belongs to a moment: note it now, correct it, enter or remove it. */
  momentButton(key: 'visit_time_edit' | 'visit_time_enter' | 'visit_time_remove', moment: Moment) {
    return this.button(key, { moment: this.words.say(`visit_moment_${moment}`) });
  }

  /** Enters or corrects a time by hand. */
  async setTime(opens: Locator, time: string): Promise<void> {
    await opens.click();
    const field = this.field('visit_time_time');
    await field.fill(time);
    await this.button('visit_save', undefined, this.page.getByRole('dialog')).last().click();
    await expect(this.page.getByRole('dialog')).toHaveCount(0);
    // What the device answers may bring a notice that moves everything: the next press waits for it.
    await expect(this.page.locator('main time').filter({ hasText: time }).first()).toBeVisible();
  }

  /** Unlocks through the screen. */
  async unlock(passphrase: string): Promise<void> {
    await this.field('app_passphrase').fill(passphrase);
    await this.button('app_unlock_go').click();
  }

  /** Syncs through the screen and waits for its end. */
  async sync(): Promise<void> {
    await this.go('/sync');
    await this.expectTitle('app_sync_title');
    await this.button('app_sync_start').click();
    await expect(
      this.page.getByRole('alert').filter({ hasText: this.words.like('app_sync_done') }),
    ).toBeVisible({ timeout: 20_000 });
  }
}
