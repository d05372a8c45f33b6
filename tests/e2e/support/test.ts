// What every test of the screens is given: a programme on a real server, an evaluator with a device,
// the wire between the two, the words of its language, and a page that may not fail unseen.

import { expect, test as base } from '@playwright/test';

import { Central } from './central.mjs';
import { Device, type Settings } from './device.ts';
import { Guard } from './guard.ts';
import { Programme, type Person, type VisitWish } from './programme.mjs';
import { Screens } from './screens.ts';
import { Wire } from './wire.ts';
import { wordsOf, type Language, type Words } from './words.ts';

export { expect };

interface Options {
  language: Language;
}

interface Workers {
  central: Central;
  programme: Programme;
}

interface Fixtures {
  words: Words;
  guard: Guard;
  wire: Wire;
  evaluator: Person;
  /** A device on an empty home; nothing has been created. */
  device: Device;
  /** Gives the evaluator visits, enrols the device, syncs; the visits' ids. */
  begin: (visits: VisitWish[], settings?: Partial<Settings>) => Promise<string[]>;
  screens: Screens;
}

export const test = base.extend<Fixtures, Workers & Options>({
  language: ['ar', { option: true, scope: 'worker' }],

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

  words: async ({ language }, use) => {
    await use(wordsOf(language));
  },

  wire: async ({ central }, use) => {
    const wire = await Wire.to(central.port);
    await use(wire);
    await wire.down();
  },

  evaluator: async ({ programme }, use) => {
    await use(
      await programme.addPerson('evaluator', { ar: 'مريم الحداد', en: 'Maryam Al-Haddad' }),
    );
  },

  device: async ({ language }, use, info) => {
    const device = await Device.start();
    await device.set({ language });
    await use(device);
    if (info.status !== info.expectedStatus && device.said !== '') {
      await info.attach('device', { body: device.said, contentType: 'text/plain' });
    }
    await device.remove();
  },

  begin: async ({ programme, evaluator, wire, device }, use) => {
    await use(async (wishes, settings = {}) => {
      const visits: string[] = [];
      for (const wish of wishes) visits.push(await programme.assign(evaluator, wish));
      await device.begin(wire.address, evaluator, settings);
      return visits;
    });
  },

  guard: async ({}, use) => {
    const guard = new Guard();
    await use(guard);
    expect(guard.faults, 'nothing failed in the page').toEqual([]);
  },

  page: async ({ page, guard }, use) => {
    await guard.watch(page);
    // Asked for from the start: a listener that comes with the press that opens the chooser is late.
    page.on('filechooser', () => undefined);
    await use(page);
  },

  screens: async ({ page, words, device, guard }, use) => {
    await use(new Screens(page, words, device));
    // From here on the device goes away under the page.
    guard.rest();
  },
});
