// The walk from submitted visits to a published scorecard, an appeal upheld and a new version: people of
// each role, each in a window of their own, and nothing done but through the pages. The test of the walk
// takes it for what it proves; the guides take it with a camera.

import type { Locator, Page } from '@playwright/test';

import { expect, windowOf, type House, type OpenWindow, type Portal } from '../portal.ts';
import type { Story, Text, VisitedCentre } from '../story.ts';
import type { Key } from '../words.ts';

export interface Stage {
  house: House;
  story: Story;
  /** Takes a picture of a page as it stands; nothing where no guide is made. */
  take: (page: Page, name: string) => Promise<void>;
}

export class Walk {
  readonly #windows = new Map<string, OpenWindow>();

  constructor(readonly stage: Stage) {}

  get story(): Story {
    return this.stage.story;
  }

  said(words: Text): string {
    return words[this.stage.house.words.language];
  }

  say(key: Key, values?: Record<string, string | number>): string {
    return this.stage.house.words.say(key, values);
  }

  nameOf({ centre }: VisitedCentre): string {
    return this.said(centre.name);
  }

  /** The window of a person, at an address: a new one the first time. */
  async at(who: keyof Story['people'], where: string): Promise<OpenWindow> {
    const { house, story } = this.stage;
    const known = this.#windows.get(who);
    if (known) {
      await known.portal.go(where);
      return known;
    }
    const opened = await windowOf(house, story.people[who], where);
    this.#windows.set(who, opened);
    return opened;
  }

  async close(): Promise<void> {
    for (const { context } of this.#windows.values()) await context.close();
  }
}

export const rowOf = (page: Page, text: string): Locator =>
  page.getByRole('row').filter({ hasText: text });
export const headed = (page: Page, name: string) =>
  expect(page.getByRole('heading', { level: 1 })).toHaveText(name);

export async function choose(within: Page | Locator, name: string): Promise<void> {
  await within.getByRole('radio', { name, exact: true }).check();
}

export async function confirm(portal: Portal, key: Key): Promise<void> {
  await portal.button(key, {}, portal.page.getByRole('alertdialog')).click();
}

/** Fills both sides of a text. */
export async function fillBoth(walk: Walk, within: Page | Locator, what: string, text: Text) {
  await within.getByLabel(walk.say('committee_in_arabic', { what })).fill(text.ar);
  await within.getByLabel(walk.say('committee_in_english', { what })).fill(text.en);
}
