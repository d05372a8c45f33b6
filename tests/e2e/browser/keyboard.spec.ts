// The same visit by keyboard alone, from the passphrase to the server's acknowledgement.

import { PASSPHRASE } from '../support/device.ts';
import { png } from '../support/files.ts';
import { Keys } from '../support/keys.ts';
import type { ReviewItem } from '../support/review.ts';
import { expect, test } from '../support/test.ts';

test('a visit is made without a mouse', async ({
  screens,
  page,
  begin,
  device,
  programme,
  words,
}) => {
  test.setTimeout(120_000);
  const [visit = ''] = await begin([{}]);
  await device.post('/lock');
  const keys = await Keys.of(page);
  await screens.open();

  await test.step('unlock', async () => {
    await expect(screens.field('app_passphrase')).toBeFocused();
    await keys.type(PASSPHRASE);
    await keys.press('Enter');
    await screens.expectTitle('app_visits_title');
  });

  await test.step('find the visit and accept it', async () => {
    await expect(screens.visit(visit)).toBeVisible();
    await keys.press('/');
    const code = await screens.visit(visit).locator('.code').innerText();
    await keys.type(code);
    await keys.enter(screens.visit(visit));
    await screens.expectTitle('visit_brief_title');
    await keys.enter(screens.tick('visit_accept_interest'), 'Space');
    await keys.enter(screens.tick('visit_accept_brief'), 'Space');
    await keys.enter(screens.button('visit_accept'));
    await screens.expectTitle('visit_times_title');
  });

  await test.step('note the moments one after another', async () => {
    await keys.to(screens.button('visit_moment_arrived'));
    // The next moment takes the focus: Enter is all it needs.
    for (const moment of ['arrived', 'ticket', 'greeted', 'called', 'done', 'left'] as const) {
      await keys.press('Enter');
      await expect(screens.moment(moment).locator('time')).toBeVisible();
    }
    const { times } = await device.visit(visit);
    expect(times).toHaveLength(6);
  });

  await test.step('correct one to the second', async () => {
    await keys.press('Shift+Tab');
    await keys.to(screens.momentButton('visit_time_edit', 'arrived'), true);
    const before = await screens.moment('arrived').locator('time').getAttribute('datetime');
    await keys.press('Enter');
    await keys.to(screens.field('visit_time_time'));
    await keys.press('Shift+ArrowDown', 'ArrowDown', 'Enter');
    await expect(page.getByRole('dialog')).toHaveCount(0);
    // Times are entered to the second.
    const second = Math.floor(Date.parse(before ?? '') / 1000) * 1000;
    const after = new Date(second - 61_000).toISOString();
    await expect(screens.moment('arrived').locator('time')).toHaveAttribute('datetime', after);
    await expect(screens.momentButton('visit_time_edit', 'arrived')).toBeFocused();
  });

  await test.step('score by digits', async () => {
    await keys.enter(screens.step('visit_step_score'));
    await expect(screens.criterion('A1')).toBeVisible();
    await keys.press('ArrowDown', 'ArrowUp', 'ArrowUp');
    await expect(screens.criterion('A1')).toBeFocused();
    await keys.press('1');
    await screens.expectSaved('A1');
    await keys.press('ArrowDown', '1');
    await screens.expectSaved('A2');
    await keys.press('m');
    await expect(screens.note('A2')).toBeFocused();
    await keys.type('اللوحة محجوبة بشجرة');
    await keys.press('Escape', 'ArrowDown', '5');
    await screens.expectSaved('A3');
    await keys.press('ArrowDown', '0', '1');
    await screens.expectSaved('A4');
    await expect(screens.choice('A4', words.say('visit_value_yes'))).toBeChecked();
    await keys.press('u');
    await expect(screens.choice('A4', words.say('visit_value_no'))).toBeChecked();
    await keys.press('1');
    await screens.expectSaved('A4');
  });

  await test.step('numbers, pillars and reasons', async () => {
    await keys.press('PageDown');
    await expect(screens.criterion('B1')).toBeFocused();
    await keys.press('ArrowDown', 'ArrowDown');
    await expect(screens.criterion('B3')).toBeFocused();
    await keys.press('8');
    await expect(screens.number('B3')).toBeFocused();
    await keys.type('5');
    await keys.press('Enter');
    await screens.expectSaved('B3');
    await keys.press('ArrowDown', '4');
    await screens.expectSaved('B4');
    await keys.press('ArrowDown', 'e');
    await keys.type('لم أصل إلى المنفذ');
    await keys.press('Enter');
    await screens.expectSaved('B5');
    const { answers } = await device.visit(visit);
    const given = Object.fromEntries(
      answers.map(({ criterion, value, ne }) => [criterion, ne ?? value]),
    );
    expect(given).toMatchObject({
      A1: true,
      A2: 'partly',
      A3: 5,
      A4: true,
      B3: '85',
      B4: 'leading',
      B5: 'لم أصل إلى المنفذ',
    });
  });

  await test.step('an Arabic layout answers by the same keys', async () => {
    await keys.pressArabic('KeyG', 'ل');
    await expect(screens.criterion('B5').locator('.guidance')).toBeVisible();
    await keys.press('?');
    await expect(screens.dialog('visit_help_title')).toBeVisible();
    await keys.press('Escape');
    await expect(screens.dialog('visit_help_title')).toHaveCount(0);
  });

  await test.step('the missing evidence is attached', async () => {
    await keys.enter(screens.step('visit_step_check'));
    await screens.expectTitle('visit_check_title');
    await keys.enter(page.locator('main').getByRole('link', { name: /A1/ }));
    await expect(screens.button('visit_attach', undefined, screens.criterion('A1'))).toBeFocused();
    const choosing = page.waitForEvent('filechooser');
    await keys.press('Enter');
    await (await choosing).setFiles({ name: 'a.png', mimeType: 'image/png', buffer: png(5) });
    await expect(screens.evidence('A1')).toHaveCount(1);
  });

  await test.step('submit', async () => {
    await keys.enter(screens.step('visit_step_check'));
    await expect(screens.text('visit_check_ready')).toBeVisible();
    await keys.enter(screens.tick('visit_declaration'), 'Space');
    await keys.enter(screens.button('visit_submit'));
    await keys.enter(
      screens.button('visit_submit_confirm', undefined, page.getByRole('alertdialog')),
    );
    await screens.expectTitle('visit_sealed_title');
    await expect(page.getByRole('heading', { level: 1 })).toBeFocused();
  });

  await test.step('sync', async () => {
    await keys.enter(screens.link('visit_seal_sync').or(screens.button('visit_seal_sync')));
    await screens.expectTitle('app_sync_title');
    await keys.enter(screens.button('app_sync_start'));
    await expect(
      page.getByRole('alert').filter({ hasText: words.like('app_sync_done') }),
    ).toBeVisible();
    const reviewer = await programme.reviewer();
    const queue = await reviewer.get<ReviewItem[]>('/api/review/queue');
    expect(queue.find((one) => one.visit === visit)).toMatchObject({
      revision: 1,
      evidence_missing: 0,
    });
  });
});

test('dialogs keep the focus and give it back; Escape leaves them', async ({
  screens,
  page,
  begin,
  device,
}) => {
  const [visit = ''] = await begin([{}]);
  await device.accept(visit);
  await device.answer(visit, 'A1', { value: true });
  const keys = await Keys.of(page);
  await screens.open(`/visits/${visit}/score`);
  await expect(screens.criterion('A1')).toBeVisible();
  const help = screens.button('visit_help');
  await keys.enter(help);
  const dialog = screens.dialog('visit_help_title');
  await expect(dialog).toBeVisible();
  for (let tabs = 0; tabs < 6; tabs += 1) {
    await keys.press('Tab');
    const isInside = await dialog.evaluate((element) => element.contains(document.activeElement));
    expect(isInside, 'the focus stays in the dialog').toBe(true);
  }
  await keys.press('Escape');
  await expect(dialog).toHaveCount(0);
  await expect(help).toBeFocused();
});

test('a new screen takes the focus to its heading, and the first tab skips to the content', async ({
  screens,
  page,
  begin,
}) => {
  await begin([{}]);
  const keys = await Keys.of(page);
  await screens.open('/visits');
  await screens.expectTitle('app_visits_title');
  const heading = page.getByRole('heading', { level: 1 });
  for (const [where, key] of [
    ['/sync', 'app_sync_title'],
    ['/settings', 'app_settings_title'],
    ['/visits', 'app_visits_title'],
  ] as const) {
    await screens.go(where);
    await screens.expectTitle(key);
    await expect(heading).toBeFocused();
    await expect(heading).toHaveCount(1);
  }
  await keys.to(screens.link('app_skip'), true);
  await keys.press('Enter');
  await expect(heading).toBeFocused();
});

test('the criterion that takes the keys is in view when scoring opens', async ({
  screens,
  page,
  begin,
  device,
}) => {
  const [visit = ''] = await begin([{}]);
  await device.accept(visit);
  const given = { A1: true, A2: 'met', A3: 5, A4: true, B1: '5', B2: '5', B3: '90' };
  for (const [criterion, value] of Object.entries(given)) {
    await device.answer(visit, criterion, { value });
  }
  await screens.open(`/visits/${visit}/score`);
  await expect(screens.criterion('B4')).toBeInViewport();
  const keys = await Keys.of(page);
  await keys.press('4');
  await screens.expectSaved('B4');
  await expect(screens.criterion('B4')).toBeInViewport();
});
