// Every screen and dialog against the rules of WCAG 2.2 AA, in each theme.

import { expectAccessible } from '../support/axe.ts';
import { makeConflict } from '../support/conflict.ts';
import { bring } from '../support/drops.ts';
import { png } from '../support/files.ts';
import { expect, test } from '../support/test.ts';
import { completeVisit } from '../support/work.ts';

// A colour on its way from one to another has the contrast of neither.
test.use({ contextOptions: { reducedMotion: 'reduce' } });

test('setting up', async ({ screens, page, device, wire, evaluator, programme }) => {
  await programme.assign(evaluator);
  await screens.open();
  await screens.expectTitle('app_create_title');
  await screens.button('app_create_go').click();
  await expectAccessible(page, 'create, with what is wrong');
  await device.post('/create', { passphrase: 'زيتون وياسمين 47' });
  await screens.open();
  await screens.expectTitle('app_enrol_title');
  await screens.button('app_enrol_go').click();
  await expectAccessible(page, 'enrol, with what is wrong');
  await screens.field('app_enrol_server').fill(wire.address);
  await screens.field('app_enrol_user').fill(evaluator.user);
  await screens.field('app_enrol_password').fill(evaluator.password);
  await screens.field('app_enrol_name').fill('laptop');
  await screens.button('app_enrol_go').click();
  await expect(screens.text('app_first_sync_done')).toBeVisible();
  await expectAccessible(page, 'first sync');
  await device.post('/lock');
  await screens.open();
  await screens.unlock('not this one at all');
  await expect(screens.text('error_device_wrong_passphrase')).toBeVisible();
  await expectAccessible(page, 'unlock, with a wrong passphrase');
});

test('two versions', async ({ screens, page, begin, device, central, evaluator }) => {
  const [visit = ''] = await begin([{}]);
  await makeConflict({ device, central, evaluator }, visit);
  await screens.open('/conflicts');
  await expect(page.locator('main').getByRole('article')).toBeVisible();
  await expectAccessible(page, 'two versions');
  await screens.open('/sync');
  await expect(screens.link('app_conflicts_go')).toBeVisible();
  await expectAccessible(page, 'sync, with two versions of something');
});

test('lists, sync and settings', async ({ screens, page, begin, device }) => {
  const [visit = '', second = ''] = await begin([{}, { model: 'remote' }, { from: 3, to: 9 }]);
  await device.accept(visit);
  await device.answer(visit, 'A1', { value: true });
  await device.attach(visit, 'A1', 'photo', png(41));
  await device.accept(second);
  await screens.open('/visits');
  await expect(screens.visit(visit)).toBeVisible();
  await expectAccessible(page, 'my visits');
  await screens.field('app_visits_search').fill('zzzz');
  await expect(screens.text('app_visits_no_match')).toBeVisible();
  await expectAccessible(page, 'my visits, none found');
  await screens.go('/sync');
  await expect(page.locator('main table').first()).toBeVisible();
  await expectAccessible(page, 'sync, with something to send');
  await screens.sync();
  await expectAccessible(page, 'sync, done');
  await screens.go('/conflicts');
  await expect(screens.text('app_conflicts_none')).toBeVisible();
  await expectAccessible(page, 'no conflicts');
  await screens.go('/settings');
  await screens.expectTitle('app_settings_title');
  await expectAccessible(page, 'settings');
  await screens.button('app_passphrase_change').click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await expectAccessible(page, 'changing the passphrase');
});

test('brief and times', async ({ screens, page, begin, device }) => {
  const [visit = '', remote = ''] = await begin([{}, { model: 'remote' }]);
  await screens.open(`/visits/${visit}/brief`);
  await screens.expectTitle('visit_brief_title');
  await expectAccessible(page, 'brief');
  await screens.button('visit_decline').click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await expectAccessible(page, 'declining');
  await page.keyboard.press('Escape');

  await device.accept(visit);
  await screens.open(`/visits/${visit}/times`);
  await screens.button('visit_moment_arrived').click();
  await screens.button('visit_moment_called').click();
  await screens.setTime(screens.momentButton('visit_time_enter', 'left'), '00:00:01');
  await expectAccessible(page, 'times, in an impossible order');
  await screens.momentButton('visit_time_edit', 'arrived').click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await expectAccessible(page, 'correcting a time');
  await page.keyboard.press('Escape');
  await screens.button('visit_pocket_open').click();
  await expectAccessible(page, 'pocket mode');
  await page.keyboard.press('Escape');

  await device.accept(remote);
  await screens.open(`/visits/${remote}/times`);
  await expect(screens.text('visit_contacts_none')).toBeVisible();
  await expectAccessible(page, 'contacts, none yet');
  await screens.button('visit_channel_phone').click();
  await screens.button('visit_moment_dialled').click();
  await screens.button('visit_moment_answered').click();
  await expect(screens.button('visit_moment_held')).toBeVisible();
  await expectAccessible(page, 'contacts');
});

test('scoring and its dialogs', async ({ screens, page, begin, device, words }) => {
  const [visit = ''] = await begin([{}]);
  await device.accept(visit);
  await device.answer(visit, 'A1', { value: true });
  await device.answer(visit, 'A2', { value: 'not' });
  await device.attach(visit, 'A1', 'photo', png(42));
  await screens.open(`/visits/${visit}/score`);
  await expect(screens.evidence('A1').locator('img')).toBeVisible();
  await screens.button('visit_guidance', undefined, screens.criterion('A1')).click();
  await screens
    .criterion('A3')
    .getByRole('button', { name: words.like('visit_na') })
    .click();
  await expectAccessible(page, 'scoring');
  await screens.reveal('B3');
  await screens.number('B3').fill('abc');
  await expectAccessible(page, 'scoring, lower down, with a wrong number');
  await screens.number('B3').fill('');

  await screens.button('visit_help').click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await expectAccessible(page, 'keyboard shortcuts');
  await page.keyboard.press('Escape');
  await screens.reveal('A2');
  await bring('drop', screens.criterion('A2'), {
    name: 'a.png',
    type: 'image/png',
    bytes: png(43),
  });
  await expect(page.getByRole('dialog')).toBeVisible();
  await expectAccessible(page, 'kind of evidence');
  await page.keyboard.press('Escape');
  await screens.reveal('A1');
  await screens.button('visit_camera', undefined, screens.criterion('A1')).click();
  await expect(screens.button('visit_camera_shoot')).toBeEnabled();
  await expectAccessible(page, 'camera');
  await page.keyboard.press('Escape');
  await screens.evidence('A1').getByRole('button').first().click();
  await expect(page.getByRole('dialog').locator('img')).toBeVisible();
  await expectAccessible(page, 'evidence seen large');
  await page.keyboard.press('Escape');
  await screens.evidence('A1').getByRole('button').last().click();
  await expect(page.getByRole('alertdialog')).toBeVisible();
  await expectAccessible(page, 'removing evidence');
  await page.keyboard.press('Escape');
});

test('check, submit and what is sealed', async ({ screens, page, begin, device }) => {
  const [visit = ''] = await begin([{}]);
  await device.accept(visit);
  await screens.open(`/visits/${visit}/check`);
  await screens.expectTitle('visit_check_title');
  await expectAccessible(page, 'check, with what is missing');
  const answers = {
    A1: { ne: 'x' },
    A2: { value: 'met' },
    A3: { value: 5 },
    A4: { value: true },
    B1: { value: '8' },
    B2: { value: '12' },
    B3: { value: '90' },
    B4: { value: 'leading' },
    B5: { na: 'x' },
  };
  for (const [criterion, given] of Object.entries(answers))
    await device.answer(visit, criterion, given);
  await screens.open(`/visits/${visit}/check`);
  await expect(screens.text('visit_check_ready')).toBeVisible();
  await expectAccessible(page, 'check, complete');
  await screens.tick('visit_declaration').check();
  await screens.button('visit_submit').click();
  await expect(page.getByRole('alertdialog')).toBeVisible();
  await expectAccessible(page, 'submitting');
  await screens.button('visit_submit_confirm', undefined, page.getByRole('alertdialog')).click();
  await screens.expectTitle('visit_sealed_title');
  await expectAccessible(page, 'sealed');
  await screens.step('visit_step_score').click();
  await expect(screens.text('visit_read_only')).toBeVisible();
  await expectAccessible(page, 'scoring, sealed');
});

test('what is wrong, and what comes back', async ({
  screens,
  page,
  begin,
  device,
  wire,
  programme,
  guard,
}) => {
  guard.expect(/ERR_FAILED/);
  const [visit = '', other = ''] = await begin([{}, {}]);
  await device.accept(other);
  await screens.open(`/visits/${other}/score`);
  await page.route(/\/answers\/A3/, (route) => route.abort());
  await screens.choice('A3', '4').click();
  await expect(screens.criterion('A3').getByRole('alert')).toBeVisible();
  await expectAccessible(page, 'scoring, with something unsaved');
  await screens.go('/visits/no-such-visit/brief');
  await screens.expectTitle('visit_open_failed_title');
  await expectAccessible(page, 'a visit that is not here');

  await completeVisit(device, visit, [png(44)]);
  await device.post(`/visits/${visit}/submit`, { followed_brief: true });
  await wire.down();
  await screens.open('/sync');
  await screens.button('app_sync_start').click();
  const alert = page.locator('main').getByRole('alert');
  await expect(alert).toContainText(screens.words.say('app_sync_failed_title'));
  await screens.button('app_usb_write').click();
  await expect(page.locator('main').getByText(/^mizan-.+\.mizb$/)).toBeVisible();
  await expectAccessible(page, 'sync, out of reach, with a bundle written');

  await wire.up();
  await device.sync();
  const reviewer = await programme.reviewer();
  await reviewer.post(`/api/visits/${visit}/review`);
  const questions = [{ criterion: 'A2', text: 'ما الذي حجب اللوحة؟' }];
  await reviewer.post(`/api/visits/${visit}/return`, { questions });
  await device.sync();
  await screens.open('/visits');
  await expect(screens.visit(visit)).toContainText(screens.words.say('app_state_returned'));
  await expectAccessible(page, 'my visits, one returned');
  await screens.visit(visit).click();
  await expect(screens.text('visit_question', undefined, screens.criterion('A2'))).toBeVisible();
  await expectAccessible(page, 'scoring, with a question');
});
