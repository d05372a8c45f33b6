// Pictures of the screens the guides do not show: what is wrong, what is asked, other themes, a narrow
// window. For people to look at before a release; nothing compares them.

import { makeConflict } from '../support/conflict.ts';
import { bring } from '../support/drops.ts';
import { png } from '../support/files.ts';
import { photograph } from '../support/scenes.ts';
import { expect, test } from '../support/test.ts';
import { completeVisit } from '../support/work.ts';
import { lookingCamera } from './camera.ts';

test('the other screens', async ({ screens, page, browser, begin, device, wire, words, guard }) => {
  guard.expectUnreachable();
  const camera = await lookingCamera(words.language);
  const take = (name: string) => camera(page, name);
  const themed = async (name: string, themes = ['dark', 'contrast']) => {
    await take(name);
    const html = page.locator('html');
    for (const theme of themes) {
      await html.evaluate((root, theme) => (root.dataset.theme = theme), theme);
      await take(`${name}-${theme}`);
    }
    await html.evaluate((root) => (root.dataset.theme = 'light'));
  };
  const photo = await photograph(browser, 'entrance');

  await screens.open();
  await screens.button('app_create_go').click();
  await take('create-wrong');
  const [visit = '', remote = '', sealed = ''] = await begin([{}, { model: 'remote' }, { to: 0 }]);
  await device.post('/lock');
  await screens.open();
  await screens.unlock('not this one');
  await expect(screens.text('error_device_wrong_passphrase')).toBeVisible();
  await themed('unlock-wrong');
  await device.unlockIfLocked();

  await completeVisit(device, sealed, [photo]);
  await device.post(`/visits/${sealed}/submit`, { followed_brief: true });
  await screens.open('/visits');
  await expect(screens.visit(visit)).toBeVisible();
  await themed('visits');
  await screens.field('app_visits_search').fill('zzzz');
  await take('visits-none');

  await screens.open(`/visits/${visit}/brief`);
  await screens.expectTitle('visit_brief_title');
  await take('brief');
  await screens.button('visit_decline').click();
  await screens.button('visit_decline_confirm').click();
  await take('decline');
  await device.accept(visit);

  await screens.open(`/visits/${visit}/times`);
  await screens.expectTitle('visit_times_title');
  await take('times-empty');
  await device.put(`/visits/${visit}/times/arrived`, { at_ms: Date.now() - 6_000_000 });
  await device.put(`/visits/${visit}/times/called`, { at_ms: Date.now() - 5_000_000 });
  await device.put(`/visits/${visit}/times/ticket`, { at_ms: Date.now() - 4_000_000 });
  await screens.open(`/visits/${visit}/times`);
  await expect(screens.moment('called').locator('time')).toBeVisible();
  await themed('times-impossible');
  await screens.momentButton('visit_time_edit', 'called').click();
  await take('time-dialog');
  await page.keyboard.press('Escape');
  await screens.momentButton('visit_time_remove', 'ticket').click();
  await expect(screens.button('visit_times_put_back')).toBeVisible();
  await take('time-removed');

  await device.accept(remote);
  await screens.open(`/visits/${remote}/times`);
  await expect(screens.text('visit_contacts_none')).toBeVisible();
  await take('contacts-none');

  await device.answer(visit, 'A1', { value: false, note: 'الخريطة تقود إلى مبنى قديم' });
  await device.attach(visit, 'A1', 'photo', photo);
  await device.answer(visit, 'A2', { value: 'partly' });
  await device.answer(visit, 'B1', { value: '12' });
  await screens.open(`/visits/${visit}/score`);
  await expect(screens.evidence('A1').locator('img')).toBeVisible();
  await themed('scoring');
  await screens
    .criterion('A3')
    .getByRole('button', { name: words.like('visit_na') })
    .click();
  await screens.button('visit_guidance', undefined, screens.criterion('A3')).click();
  await screens.criterion('A3').scrollIntoViewIfNeeded();
  await take('scoring-reason');
  await screens.number('B1').scrollIntoViewIfNeeded();
  await themed('scoring-numbers', ['dark']);
  await screens.button('visit_help').click();
  await take('shortcuts');
  await page.keyboard.press('Escape');
  await bring('drop', screens.criterion('A2'), {
    name: 'صورة اللافتة.png',
    type: 'image/png',
    bytes: png(7),
  });
  await take('kind-of-evidence');
  await page.keyboard.press('Escape');
  await screens.button('visit_camera', undefined, screens.criterion('A2')).click();
  await expect(screens.button('visit_camera_shoot')).toBeEnabled();
  await take('camera');
  await page.keyboard.press('Escape');
  await screens.open(`/visits/${visit}/score`);
  await screens.evidence('A1').getByRole('button').first().click();
  await expect(page.getByRole('dialog').locator('img')).toBeVisible();
  await take('evidence-large');
  await page.keyboard.press('Escape');
  await page.route(/\/answers\/A3/, (route) => route.abort());
  guard.expect(/ERR_FAILED/);
  await screens.choice('A3', '4').click();
  await expect(screens.criterion('A3').getByRole('alert')).toBeVisible();
  await screens.criterion('A3').scrollIntoViewIfNeeded();
  await take('scoring-failed');
  await page.unroute(/\/answers\/A3/);

  await screens.open(`/visits/${visit}/check`);
  await screens.expectTitle('visit_check_title');
  await expect(page.getByRole('region').first()).toBeVisible();
  await take('check-missing');
  await screens.open(`/visits/${sealed}/check`);
  await screens.expectTitle('visit_sealed_title');
  await themed('sealed', ['dark']);

  await wire.down();
  await screens.open('/sync');
  await screens.button('app_sync_start').click();
  await expect(page.locator('main').getByRole('alert')).toBeVisible();
  await themed('sync-offline');
  await wire.up();
  wire.slow(4_000);
  await screens.button('app_sync_start').click();
  await expect(
    page.getByRole('progressbar', { name: words.say('app_sync_running') }),
  ).toBeVisible();
  await take('sync-running');
  await screens.button('app_sync_cancel').click();
  await wire.up();

  await screens.go('/settings');
  await screens.expectTitle('app_settings_title');
  await themed('settings', ['dark', 'contrast']);
  await screens.button('app_passphrase_change').click();
  await take('change-passphrase');
  await page.keyboard.press('Escape');

  await page.setViewportSize({ width: 360, height: 780 });
  const narrow = ['/visits', `/visits/${visit}/times`, `/visits/${visit}/score`, '/sync'];
  for (const [place, where] of narrow.entries()) {
    await screens.open(where);
    await expect(page.getByRole('heading', { level: 1 })).toBeAttached();
    await expect(page.locator('main .page, main .score').first()).toBeVisible();
    await take(`narrow-${place + 1}`);
  }
});

test('two versions', async ({ screens, page, begin, device, central, evaluator, words }) => {
  const take = await lookingCamera(words.language);
  const [visit = ''] = await begin([{}]);
  await makeConflict({ device, central, evaluator }, visit);
  await screens.open('/conflicts');
  await expect(page.locator('main').getByRole('article')).toBeVisible();
  await take(page, 'conflict');
});
