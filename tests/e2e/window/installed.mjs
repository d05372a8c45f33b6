// Whether an installed app works: opens it through a driver that somebody else started, asks its
// router through the page, keeps a picture. `installed.mjs DRIVER-ADDRESS APP PICTURE`.

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';

import { until } from '../support/processes.mjs';
import { api } from './page.mjs';
import { Session } from './webdriver.mjs';

const [address, binary, picture] = process.argv.slice(2);
await until('the driver', async () => (await fetch(`${address}/status`)).ok, 20_000);
const session = await Session.open(address, {
  'webkitgtk:browserOptions': { binary, args: [] },
});
try {
  const { status, json } = await api(session, 'GET', '/state');
  assert.equal(status, 200);
  assert.equal(json.phase, 'new', 'a device that nobody has set up');
  await session.find('input[type="password"]');
  const words = await session.run(`() => document.querySelector('h1').innerText`);
  // It is there before it is drawn.
  await session.run(`() => document.fonts.ready
    .then(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))))`);
  await writeFile(picture, await session.picture());
  console.log(`version ${json.version} says: ${words}`);
} finally {
  await session.close();
}
