// The pictures of the guides for the reviewer, the committee and the manager, and part of the
// administrator’s: the walk that the portal’s tests take, with a camera.

import { Central } from '../support/central.mjs';
import { expect, test } from '../support/portal.ts';
import { decide, publish } from '../support/walk/deciding.ts';
import { hear, readAgain, reply } from '../support/walk/replying.ts';
import { endFieldWork, review } from '../support/walk/reviewing.ts';
import { Walk } from '../support/walk/stage.ts';
import { guideCamera } from './camera.ts';
import { realisticStory } from './realisticStory.ts';

let central: Central;
test.beforeEach(async () => {
  central = await Central.start();
});
test.afterEach(async () => {
  await central.stop();
});

test('the walk', async ({ browser, words, guard }) => {
  test.setTimeout(600_000);
  const { story, reviewTheRest, decideTheRest } = await realisticStory(
    central,
    browser,
    words.language,
  );
  const take = await guideCamera(words.language);
  const walk = new Walk({ house: { browser, central, words, guard }, story, take });
  await review(walk);
  await reviewTheRest();
  await test.step('a second scoring', async () => {
    const { portal, page } = await walk.at('reviewer', '/review/second');
    await portal.expectTitle('review_second_title');
    await expect(page.locator('tbody tr')).toHaveCount(1);
    await take(page, 'reviewer-08-second');
  });
  await endFieldWork(walk);
  await decideTheRest();
  await decide(walk);
  await publish(walk);
  await reply(walk);
  await hear(walk);
  await readAgain(walk);
  await walk.close();
});
