// Tests on a server of their own: what they add is in nobody else's lists, and nobody else's in theirs.

import { Central } from './central.mjs';
import { test as base } from './portal.ts';

/** Each call makes fixtures that no other file shares, and with them a server that none does. */
export const ownServer = () =>
  base.extend<object, { central: Central }>({
    central: [
      async ({}, use) => {
        const central = await Central.start();
        await use(central);
        await central.stop();
      },
      { scope: 'worker' },
    ],
  });
