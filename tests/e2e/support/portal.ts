// What every test of the portal is given: a programme on a real server, somebody of each role, the words
// of its language, a page that may not fail unseen, and a way in.

import { createHmac } from 'node:crypto';

import {
  expect,
  test as base,
  type Browser,
  type BrowserContext,
  type Locator,
  type Page,
} from '@playwright/test';

import { ADMINISTRATOR, Central } from './central.mjs';
import { Guard } from './guard.ts';
import { Programme, type Person } from './programme.mjs';
import { wordsOf, type Key, type Language, type Words } from './words.ts';

export { expect };

type Values = Record<string, string | number>;

export const ROLES = [
  'administrator',
  'rubric_editor',
  'central_team',
  'evaluator',
  'reviewer',
  'committee_chair',
  'committee_member',
  'coordinator',
  'manager',
  'observer',
] as const;
export type Role = (typeof ROLES)[number];

/** The portal as a person uses it. */
export class Portal {
  constructor(
    readonly page: Page,
    readonly words: Words,
    readonly central: Central,
    readonly people: (role: Role) => Promise<Person>,
  ) {}

  /** Opens an address of the portal from nothing, in the language of the test. */
  async open(where = '/'): Promise<void> {
    await this.page.goto(`${this.central.address}/#${where}`);
    await this.page.evaluate((language) => {
      const kept = JSON.parse(localStorage.getItem('mizan.portal.settings') ?? '{}') as object;
      localStorage.setItem('mizan.portal.settings', JSON.stringify({ language, ...kept }));
    }, this.words.language);
    await this.page.reload();
  }

  /** Moves to another address inside the portal, as a link would. */
  async go(where: string): Promise<void> {
    await this.page.evaluate((hash) => {
      location.hash = hash;
    }, where);
  }

  /** Signs in through the page as somebody of a role, and waits for the frame. */
  async signIn(role: Role, where = '/'): Promise<Person> {
    const person = await this.people(role);
    await this.signInAs(person, where);
    return person;
  }

  /** Signs in through the page as a person, and waits for the frame. */
  async signInAs(person: { user: string; password: string }, where = '/'): Promise<void> {
    await this.open(where);
    await this.enter(person);
    await expect(this.navigation()).toBeAttached();
  }

  /** Types a name and a password and sends them. */
  async enter(person: { user: string; password: string }): Promise<void> {
    await this.field('portal_user').fill(person.user);
    await this.field('portal_password').fill(person.password);
    await this.button('portal_sign_in').click();
  }

  async signOut(): Promise<void> {
    await this.button('portal_sign_out').click();
    await this.expectTitle('portal_sign_in_title');
  }

  navigation(): Locator {
    return this.page.locator('nav#side');
  }

  /** Waits for a page by its heading. */
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

  field(key: Key, within: Page | Locator = this.page): Locator {
    return within.getByLabel(this.words.say(key), { exact: true });
  }

  /** What was said to have been done, while it stands there. */
  toast(key: Key, values?: Values): Locator {
    return this.page.locator('.toast').filter({ hasText: this.words.say(key, values) });
  }

  text(key: Key, values?: Values, within: Page | Locator = this.page): Locator {
    return within.getByText(this.words.say(key, values), { exact: true });
  }

  /** Text that holds a message whose values are not known. */
  like(key: Key, values?: Values, within: Page | Locator = this.page): Locator {
    return within.getByText(this.words.like(key, values));
  }
}

/** The portal of a person, in a window of their own. */
export interface OpenWindow {
  portal: Portal;
  page: Page;
  context: BrowserContext;
}

/** Where windows are opened: another one for each person, all on one server. */
export interface House {
  browser: Browser;
  central: Central;
  words: Words;
  /** Watches every window, where there is one. */
  guard?: Guard;
}

/** Opens a window and signs a person in. */
export async function windowOf(
  house: House,
  person: { user: string; password: string },
  where = '/',
): Promise<OpenWindow> {
  const context = await house.browser.newContext({ reducedMotion: 'reduce' });
  const page = await context.newPage();
  await house.guard?.watch(page);
  const nobody = () => Promise.reject(new Error('this window has its person'));
  const portal = new Portal(page, house.words, house.central, nobody);
  await portal.signInAs(person, where);
  return { portal, page, context };
}

/** The code of a second factor at a time (RFC 6238: SHA-1, six digits, 30 seconds). */
export function codeOf(secret: string, ms: number): string {
  const bits = [...secret.replaceAll(' ', '')]
    .map((letter) =>
      'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'),
    )
    .join('');
  const bytes = bits.match(/.{8}/g)?.map((byte) => parseInt(byte, 2)) ?? [];
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(ms / 30_000)));
  const mac = createHmac('sha1', Buffer.from(bytes)).update(step).digest();
  const at = (mac.at(-1) ?? 0) & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

interface Options {
  language: Language;
}

interface Workers {
  /** Chooses the engine of this worker's servers. */
  engine: null;
  central: Central;
  programme: Programme;
  /** Somebody of a role, made when first asked for. */
  people: (role: Role) => Promise<Person>;
}

interface Fixtures {
  words: Words;
  guard: Guard;
  portal: Portal;
}

export const test = base.extend<Fixtures, Workers & Options>({
  language: ['ar', { option: true, scope: 'worker' }],

  // Each language has an engine of its own, so that every test meets both.
  engine: [
    async ({}, use, { project }) => {
      const cluster = process.env.MIZAN_E2E_CLUSTER;
      if (cluster && project.name === 'en') process.env.MIZAN_E2E_POSTGRES = cluster;
      await use(null);
    },
    { scope: 'worker', auto: true },
  ],

  central: [
    async ({}, use) => {
      const central = await Central.start();
      await use(central);
      await central.stop();
    },
    { scope: 'worker' },
  ],

  programme: [
    async ({ central }, use) => {
      await use(await Programme.setUp(central));
    },
    { scope: 'worker' },
  ],

  people: [
    async ({ programme }, use) => {
      const made = new Map<Role, Promise<Person>>();
      const make = async (role: Role): Promise<Person> => {
        if (role === 'administrator') {
          const name = { ar: 'مدير النظام', en: 'Administrator' };
          return { id: '', name, ...ADMINISTRATOR };
        }
        return await programme.addPerson(role, { ar: 'نورة السالم', en: 'Noura Al-Salem' });
      };
      await use((role) => {
        const person = made.get(role) ?? make(role);
        made.set(role, person);
        return person;
      });
    },
    { scope: 'worker' },
  ],

  words: async ({ language }, use) => {
    await use(wordsOf(language));
  },

  guard: async ({}, use) => {
    const guard = new Guard();
    await use(guard);
    expect(guard.faults, 'nothing failed in the page').toEqual([]);
  },

  page: async ({ page, guard }, use) => {
    await guard.watch(page);
    await use(page);
    guard.rest();
  },

  portal: async ({ page, words, central, people }, use) => {
    await use(new Portal(page, words, central, people));
  },
});
