// From an empty folder to a list of visits: the passphrase, the enrolment, the first exchange, the
// lock, the settings.

import { PASSPHRASE } from '../support/device.ts';
import { expect, test } from '../support/test.ts';

test('a device is created, enrolled and filled', async ({
  screens,
  page,
  programme,
  evaluator,
  wire,
  device,
  words,
  guard,
}) => {
  // The device tells the page that the server does not answer.
  guard.expect(/status of 502 .*\/api\/device\/enrol/);
  const visit = await programme.assign(evaluator);
  await screens.open();

  await test.step('a passphrase that is short, differs or is not understood makes nothing', async () => {
    await screens.expectTitle('app_create_title');
    await expect(page.locator('html')).toHaveAttribute(
      'dir',
      words.language === 'ar' ? 'rtl' : 'ltr',
    );
    await screens.field('app_passphrase_new').fill('قصير');
    await screens.button('app_create_go').click();
    await expect(screens.like('app_strength_short')).toBeVisible();
    await screens.field('app_passphrase_new').fill(PASSPHRASE);
    await screens.field('app_passphrase_repeat').fill(`${PASSPHRASE}0`);
    await screens.button('app_create_go').click();
    await expect(screens.text('app_passphrase_differ')).toBeVisible();
    await expect(screens.text('app_create_tick')).toBeVisible();
    expect((await device.get<{ phase: string }>('/state')).phase).toBe('new');
  });

  await test.step('the device is created', async () => {
    await screens.field('app_passphrase_repeat').fill(PASSPHRASE);
    await screens.tick('app_create_understood').check();
    await screens.button('app_create_go').click();
    await screens.expectTitle('app_enrol_title');
  });

  await test.step('an address, a server or a password that is wrong is told in words', async () => {
    await screens.field('app_enrol_user').fill(evaluator.user);
    await screens.field('app_enrol_password').fill(evaluator.password);
    await screens.field('app_enrol_name').fill('حاسوب المقيّم');
    await screens.field('app_enrol_server').fill('not an address');
    await screens.button('app_enrol_go').click();
    await expect(screens.text('error_device_bad_url')).toBeVisible();

    await wire.down();
    await screens.field('app_enrol_server').fill(wire.address);
    await screens.button('app_enrol_go').click();
    await expect(screens.text('error_server_unreachable')).toBeVisible();

    await wire.up();
    await screens.field('app_enrol_password').fill('another password');
    await screens.button('app_enrol_go').click();
    await expect(screens.text('error_session_refused')).toBeVisible();
    // What was typed is still there.
    await expect(screens.field('app_enrol_server')).toHaveValue(wire.address);
    await expect(screens.field('app_enrol_user')).toHaveValue(evaluator.user);
    await expect(screens.field('app_enrol_name')).toHaveValue('حاسوب المقيّم');
  });

  await test.step('enrolled, it receives the visits', async () => {
    await screens.field('app_enrol_password').fill(evaluator.password);
    await screens.button('app_enrol_go').click();
    await screens.expectTitle('app_first_sync_title');
    await expect(screens.text('app_first_sync_done')).toBeVisible();
    await expect(screens.text('app_first_sync_visits', { count: 1, shown: 1 })).toBeVisible();
    await screens.button('app_first_sync_go').click();
    await expect(screens.visit(visit)).toBeVisible();
  });
});

test('a locked device opens with its passphrase alone', async ({
  screens,
  page,
  begin,
  device,
}) => {
  const [visit = ''] = await begin([{}]);
  await screens.open();
  await expect(screens.visit(visit)).toBeVisible();

  await screens.button('app_lock').click();
  await screens.expectTitle('app_unlock_title');
  await expect(screens.visit(visit)).toHaveCount(0);
  await expect(screens.field('app_passphrase')).toBeFocused();

  await screens.unlock('not this one at all');
  await expect(screens.text('error_device_wrong_passphrase')).toBeVisible();
  await expect(screens.field('app_passphrase')).toBeFocused();

  // The whole program may end meanwhile.
  await device.kill();
  await device.open();
  await screens.unlock(PASSPHRASE);
  await expect(screens.visit(visit)).toBeVisible();

  await page.keyboard.press('Control+l');
  await screens.expectTitle('app_unlock_title');
});

test('the passphrase is changed, and only the new one opens', async ({ screens, begin }) => {
  const [visit = ''] = await begin([{}]);
  const changed = 'نخلة وبحر وسفينة 12';
  await screens.open('/settings');
  await screens.button('app_passphrase_change').click();
  const dialog = screens.dialog('app_passphrase_change');
  await screens.field('app_passphrase_old').fill('not this one at all');
  await screens.field('app_passphrase_new').fill(changed);
  await screens.field('app_passphrase_repeat').fill(changed);
  await screens.button('app_passphrase_change', undefined, dialog).click();
  await expect(screens.text('error_device_wrong_passphrase')).toBeVisible();

  await screens.field('app_passphrase_old').fill(PASSPHRASE);
  await screens.button('app_passphrase_change', undefined, dialog).click();
  await expect(dialog).toHaveCount(0);

  await screens.button('app_lock').click();
  await screens.unlock(PASSPHRASE);
  await expect(screens.text('error_device_wrong_passphrase')).toBeVisible();
  await screens.unlock(changed);
  await screens.go('/visits');
  await expect(screens.visit(visit)).toBeVisible();
});

test('language, digits and theme change at once and stay', async ({
  screens,
  page,
  begin,
  words,
}) => {
  await begin([{}]);
  await screens.open('/settings');
  const html = page.locator('html');
  const isArabic = words.language === 'ar';

  await page.getByRole('radio', { name: '٠١٢٣', exact: true }).check({ force: true });
  await expect(page.locator('main')).toContainText(/[٠-٩]/);
  await page
    .getByRole('radio', { name: words.say('app_theme_dark'), exact: true })
    .check({ force: true });
  await expect(html).toHaveAttribute('data-theme', 'dark');
  await page.getByRole('radio', { name: isArabic ? 'English' : 'العربية' }).check({ force: true });
  await expect(html).toHaveAttribute('lang', isArabic ? 'en' : 'ar');
  await expect(html).toHaveAttribute('dir', isArabic ? 'ltr' : 'rtl');

  await page.reload();
  await expect(html).toHaveAttribute('lang', isArabic ? 'en' : 'ar');
  await expect(html).toHaveAttribute('data-theme', 'dark');
  await expect(page.getByRole('radio', { name: '٠١٢٣', exact: true })).toBeChecked();
});
