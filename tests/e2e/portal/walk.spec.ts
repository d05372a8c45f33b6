// From submitted visits to a published scorecard, an appeal upheld and a new version, by the hands of the
// people whose work it is: everything after the field goes through the pages.

import { Central } from '../support/central.mjs';
import { test } from '../support/portal.ts';
import { smallStory } from '../support/story.ts';
import { decide, publish } from '../support/walk/deciding.ts';
import { hear, readAgain, reply } from '../support/walk/replying.ts';
import { endFieldWork, review } from '../support/walk/reviewing.ts';
import { Walk } from '../support/walk/stage.ts';

let central: Central;
test.beforeEach(async () => {
  central = await Central.start();
});
test.afterEach(async () => {
  await central.stop();
});

test('from submitted visits to a new version of a scorecard', async ({ browser, words, guard }) => {
  test.setTimeout(240_000);
  const walk = new Walk({
    house: { browser, central, words, guard },
    story: await smallStory(central),
    take: () => Promise.resolve(),
  });
  await test.step('the reviewer takes, asks, rules and validates', () => review(walk));
  await test.step('the administrator ends field work', () => endFieldWork(walk));
  await test.step('the committee meets, votes and decides', () => decide(walk));
  await test.step('the committee publishes', () => publish(walk));
  await test.step('the manager reads, acts and appeals', () => reply(walk));
  await test.step('the appeal is heard and upheld', () => hear(walk));
  await test.step('the manager reads the new version beside the old', () => readAgain(walk));
  await walk.close();
});
