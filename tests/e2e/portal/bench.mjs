// The portal's first load in Chromium: what is transferred until its sign-in can be used, how long that
// takes from a browser that keeps nothing, and the same once more with what the browser kept. Measures
// MIZAN_COMMAND, or the debug build.

import { chromium } from '@playwright/test';

import { Central } from '../support/central.mjs';

const LOADS = 9;

const median = (/** @type {number[]} */ numbers) =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;

/**
 * Loads the portal until its button can be pressed.
 *
 * @param {import('@playwright/test').BrowserContext} context
 * @param {string} address
 */
async function load(context, address) {
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  await devtools.send('Network.enable');
  let [bytes, requests] = [0, 0];
  devtools.on('Network.loadingFinished', ({ encodedDataLength }) => {
    bytes += encodedDataLength;
    requests += 1;
  });
  const start = performance.now();
  await page.goto(address, { waitUntil: 'commit' });
  await page.locator('form button[type=submit]:enabled').waitFor();
  const ms = performance.now() - start;
  await page.waitForLoadState('networkidle');
  await page.close();
  return { ms, bytes, requests };
}

/** How long the machine takes for one answer of the server, to hold the rest against. */
async function one(/** @type {string} */ address) {
  const start = performance.now();
  await (await fetch(`${address}/healthz`)).text();
  return performance.now() - start;
}

const central = await Central.start();
const browser = await chromium.launch({
  executablePath: process.env.MIZAN_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});
try {
  /** @type {Awaited<ReturnType<typeof load>>[]} */
  const fresh = [];
  /** @type {Awaited<ReturnType<typeof load>>[]} */
  const again = [];
  /** @type {number[]} */
  const bare = [];
  for (let count = 0; count < LOADS; count += 1) {
    const context = await browser.newContext();
    fresh.push(await load(context, central.address));
    again.push(await load(context, central.address));
    bare.push(await one(central.address));
    await context.close();
  }
  const of = (/** @type {typeof fresh} */ loads) =>
    `${Math.round(median(loads.map(({ ms }) => ms)))} ms, ` +
    `${(median(loads.map(({ bytes }) => bytes)) / 1024).toFixed(1)} KiB in ` +
    `${median(loads.map(({ requests }) => requests))} requests`;
  console.log(`first load to a sign-in that can be used: ${of(fresh)}`);
  console.log(`once more, with what the browser kept: ${of(again)}`);
  console.log(`one answer of the server: ${median(bare).toFixed(1)} ms`);
} finally {
  await browser.close();
  await central.stop();
}
