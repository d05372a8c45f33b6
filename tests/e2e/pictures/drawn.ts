// A picture is taken of a screen that is done: fonts, photographs and rows are there, nothing moves.

import type { Page } from '@playwright/test';

/** Frames in a row in which nothing may change. */
const STILL = 10;

/** Waits until a screen is drawn whole. */
export async function drawn(page: Page): Promise<void> {
  // The pointer would colour what was pressed last.
  await page.mouse.move(0, 0);
  await page.evaluate(async (wanted) => {
    const images = () => [...document.images];
    const isRead = () =>
      document.querySelector('figure [aria-busy="true"]') === null &&
      images().every(({ complete, naturalWidth }) => complete && naturalWidth > 0);
    const shape = () => {
      const main = document.getElementById('main');
      return [main?.scrollHeight, main?.scrollTop, document.images.length].join();
    };
    await document.fonts.ready;
    let [still, before] = [0, ''];
    while (still < wanted) {
      await new Promise(requestAnimationFrame);
      const now = shape();
      still = isRead() && now === before ? still + 1 : 0;
      before = now;
    }
    await Promise.all(images().map((image) => image.decode()));
  }, STILL);
}
