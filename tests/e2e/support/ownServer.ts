// A test on a server of its own: what it adds is in nobody else's lists, and nobody else's in its own.

import { Central } from './central.mjs';
import { test as base } from './portal.ts';

export const test = base.extend<object, { central: Central }>({
  central: [
    async ({}, use) => {
      const central = await Central.start();
      await use(central);
      await central.stop();
    },
    { scope: 'worker' },
  ],
});
