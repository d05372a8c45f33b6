// What the screen says of saving is true: never before the device has answered, never after it failed,
// and nothing typed is left behind.

import type { Page } from '@playwright/test';

import { expect, test } from '../support/test.ts';

/** Holds requests on some routes back until they are let go. */
async function hold(page: Page, path: RegExp) {
  let count = 0;
  let letGo = () => {};
  const open = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  await page.route(path, async (route) => {
    count += 1;
    await open;
    await route.continue();
  });
  return { count: () => count, letGo };
}

test('“saved” shows once the device has answered, not before', async ({
  screens,
  page,
  begin,
  device,
  words,
}) => {
  const [visit = ''] = await begin([{}]);
  await device.accept(visit);
  await screens.open(`/visits/${visit}/score`);
  const held = await hold(page, /\/answers\/A3/);
  await screens.choice('A3', '4').click();
  await expect.poll(held.count).toBe(1);
  const card = screens.criterion('A3');
  await expect(screens.text('visit_saving', undefined, card)).toBeVisible();
  await expect(screens.text('visit_saved', undefined, card)).toHaveCount(0);
  await expect(screens.text('app_saving', undefined, page.getByRole('banner'))).toBeVisible();
  await expect(page.getByRole('banner').getByText(words.like('app_saved_at'))).toHaveCount(0);
  expect((await device.visit(visit)).answers).toEqual([]);
  held.letGo();
  await screens.expectSaved('A3');
  await expect(page.getByRole('banner').getByText(words.like('app_saved_at'))).toBeVisible();
});

test('taps on one criterion arrive in their order', async ({ screens, page, begin, device }) => {
  const [visit = ''] = await begin([{}]);
  await device.accept(visit);
  await screens.open(`/visits/${visit}/score`);
  const held = await hold(page, /\/answers\/A3/);
  for (const level of ['1', '5', '2']) await screens.choice('A3', level).click();
  await expect.poll(held.count).toBe(1);
  held.letGo();
  await screens.expectSaved('A3');
  const { answers } = await device.visit(visit);
  expect(answers).toMatchObject([{ criterion: 'A3', value: 2, earlier: 3 }]);
});

test('what failed stays in view, is told, and is sent again', async ({
  screens,
  page,
  begin,
  device,
  guard,
}) => {
  guard.expect(/ERR_FAILED/);
  const [visit = ''] = await begin([{}]);
  await device.accept(visit);
  await screens.open(`/visits/${visit}/score`);
  await page.route(/\/answers\/A3/, (route) => route.abort());
  await screens.choice('A3', '4').click();
  const card = screens.criterion('A3');
  await expect(card.getByRole('alert')).toBeVisible();
  await expect(screens.text('visit_saved', undefined, card)).toHaveCount(0);
  await expect(screens.text('app_save_failed', undefined, page.getByRole('banner'))).toBeVisible();
  await expect(screens.choice('A3', '4'), 'the tap is not forgotten').toBeChecked();

  await test.step('while it is unsaved, nothing locks it away', async () => {
    await screens.button('app_lock').click();
    await expect(page.locator('.toasts')).toContainText(screens.words.say('app_lock_blocked'));
    await expect(screens.choice('A3', '4')).toBeChecked();
  });

  await page.unroute(/\/answers\/A3/);
  await screens.button('visit_retry', undefined, card).click();
  await screens.expectSaved('A3');
  expect((await device.visit(visit)).answers).toMatchObject([{ criterion: 'A3', value: 4 }]);
});

const NOTE = 'كُتبت على عجل قبل الانتقال';

for (const [where, leave] of [
  [
    'another step',
    async (page: Page, address: string) => {
      await page.evaluate((hash) => {
        location.hash = hash;
      }, `${address}/times`);
    },
  ],
  [
    'the list',
    async (page: Page) => {
      await page.evaluate(() => {
        location.hash = '/visits';
      });
    },
  ],
  [
    'the lock',
    async (page: Page) => {
      await page.keyboard.press('Control+l');
    },
  ],
] as const) {
  test(`a note typed just before leaving for ${where} is kept`, async ({
    screens,
    page,
    begin,
    device,
  }) => {
    const [visit = ''] = await begin([{}]);
    await device.accept(visit);
    await device.answer(visit, 'A3', { value: 3 });
    await screens.open(`/visits/${visit}/score`);
    const note = screens.note('A3');
    await note.click();
    await page.keyboard.insertText(NOTE);
    await leave(page, `/visits/${visit}`);
    await expect(note).toHaveCount(0);
    await device.unlockIfLocked();
    await expect.poll(async () => (await device.visit(visit)).answers[0]?.note).toBe(NOTE);
  });
}

test('a reason typed just before leaving is kept', async ({
  screens,
  page,
  begin,
  device,
  words,
}) => {
  const [visit = ''] = await begin([{}]);
  await device.accept(visit);
  await screens.open(`/visits/${visit}/score`);
  await screens
    .criterion('A3')
    .getByRole('button', { name: words.like('visit_ne') })
    .click();
  await screens.criterion('A3').getByLabel(words.say('visit_ne_reason')).focus();
  await page.keyboard.insertText('الصالة مغلقة للصيانة');
  await screens.go('/sync');
  await expect
    .poll(async () => (await device.visit(visit)).answers[0]?.ne)
    .toBe('الصالة مغلقة للصيانة');
});
