// Coming in and going out: names and passwords, waits, second factors, sessions that end, languages.

import { expectAccessible } from '../support/axe.ts';
import { codeOf, expect, test } from '../support/portal.ts';

test.use({ contextOptions: { reducedMotion: 'reduce' } });

test('in and out again, and an address that waits behind the door', async ({
  portal,
  page,
  people,
}) => {
  const person = await people('reviewer');
  await portal.open('/account');
  await portal.expectTitle('portal_sign_in_title');
  await expectAccessible(page, 'sign-in');
  await portal.button('portal_sign_in').click();
  await expect(portal.text('portal_needed').first()).toBeVisible();

  await portal.enter({ ...person, password: 'not the password' });
  await expect(portal.text('portal_refused')).toBeVisible();
  await expect(portal.field('portal_user')).toHaveValue(person.user);
  await portal.field('portal_password').fill(person.password);
  await portal.button('portal_sign_in').click();
  await portal.expectTitle('portal_account_title');

  // Neither a reload nor another page of the browser asks again, and both may change something.
  await page.reload();
  await portal.expectTitle('portal_account_title');
  const other = await page.context().newPage();
  await other.goto(page.url());
  const heading = portal.words.say('portal_account_title');
  await expect(other.getByRole('heading', { level: 1, name: heading })).toBeVisible();
  await other.close();

  await portal.signOut();
  await portal.go('/account');
  await portal.expectTitle('portal_sign_in_title');
});

test('a name with too many wrong tries waits, and is told how long', async ({
  portal,
  programme,
}) => {
  const person = await programme.addPerson('observer');
  await portal.open();
  // The wait doubles with each failure: on a slow machine the first ones are over too soon to be met.
  const waits = portal.text('portal_wait_title');
  const button = portal.button('portal_sign_in');
  for (let tries = 0; tries < 7 && !(await waits.isVisible()); tries += 1) {
    await portal.enter({ ...person, password: `wrong ${tries}` });
    await expect(portal.text('portal_refused').or(waits)).toBeVisible();
    await expect(button).not.toHaveAttribute('aria-busy');
  }
  await expect(waits).toBeVisible();
  await expect(button).toBeDisabled();
  // The wait ends by itself, and what was typed is there.
  await expect(button).toBeEnabled({ timeout: 30_000 });
  await expect(portal.field('portal_user')).toHaveValue(person.user);
});

test('a second factor is set up, and asked for from then on', async ({
  portal,
  page,
  programme,
}) => {
  const person = await programme.addPerson('committee_member');
  await portal.open('/account');
  await portal.enter(person);
  await portal.button('portal_factor_begin').click();
  await expect(page.getByRole('img', { name: portal.words.say('portal_factor_qr') })).toBeVisible();
  const secret = (await page.locator('main code').textContent()) ?? '';
  await expectAccessible(page, 'setting a second factor up');
  await portal.field('portal_otp').fill('000000');
  await portal.button('portal_factor_go').click();
  await expect(portal.text('error_session_otp_wrong')).toBeVisible();
  const now = Date.now();
  await portal.field('portal_otp').fill(codeOf(secret, now));
  await portal.button('portal_factor_go').click();
  await expect(portal.text('portal_factor_on')).toBeVisible();

  await portal.signOut();
  await portal.enter(person);
  await expect(portal.field('portal_otp')).toBeFocused();
  await expectAccessible(page, 'the second factor is asked for');
  // Each code is good once; the next is let in a step early.
  await portal.field('portal_otp').fill(codeOf(secret, now));
  await portal.button('portal_otp_go').click();
  await expect(portal.text('error_session_otp_wrong')).toBeVisible();
  await portal.field('portal_otp').fill(codeOf(secret, now + 30_000));
  await portal.button('portal_otp_go').click();
  await expect(portal.navigation()).toBeVisible();
});

test('a session that ends takes nothing that was typed', async ({ portal, page, central }) => {
  // The stream of changes would tell of the end at once; here a call meets it first.
  await page.route('**/api/events', (route) => route.fulfill({ status: 204 }));
  const person = await portal.signIn('coordinator', '/account');
  await portal.field('portal_password_old').fill('something typed');
  await portal.field('portal_password_new').fill('something new and long');
  await portal.field('portal_password_repeat').fill('something new and long');

  // The same account ends its other sessions elsewhere.
  const elsewhere = await central.signIn(person.user, person.password);
  await elsewhere.remove('/api/sessions');
  await portal.button('portal_password_go').click();
  const dialog = page.getByRole('alertdialog');
  await expect(dialog).toBeVisible();
  await expectAccessible(page, 'the session has ended');
  await portal.field('portal_password', dialog).fill(person.password);
  await portal.button('portal_sign_in', undefined, dialog).click();
  await expect(dialog).toHaveCount(0);
  // What waited was sent, and answered.
  await expect(portal.text('portal_password_wrong')).toBeVisible();
  await expect(portal.field('portal_password_old')).toHaveValue('something typed');
});

test('a session that ends elsewhere is told of at once', async ({ portal, page, central }) => {
  const person = await portal.signIn('coordinator', '/account');
  const elsewhere = await central.signIn(person.user, person.password);
  await elsewhere.remove('/api/sessions');
  const dialog = page.getByRole('alertdialog');
  await expect(dialog).toBeVisible();
  await portal.button('portal_ended_leave', undefined, dialog).click();
  await portal.expectTitle('portal_sign_in_title');
});

test('language, digits and theme change at once and stay', async ({ portal, page, words }) => {
  await portal.signIn('observer', '/account');
  const html = page.locator('html');
  const isArabic = words.language === 'ar';
  await expect(html).toHaveAttribute('dir', isArabic ? 'rtl' : 'ltr');
  await page
    .getByRole('radio', { name: words.say('app_theme_dark'), exact: true })
    .check({ force: true });
  await expect(html).toHaveAttribute('data-theme', 'dark');
  await portal.button('app_language_other').click();
  await expect(html).toHaveAttribute('lang', isArabic ? 'en' : 'ar');
  await page.reload();
  await expect(page.locator('main h1')).toBeVisible();
  await expect(html).toHaveAttribute('lang', isArabic ? 'en' : 'ar');
  await expect(html).toHaveAttribute('data-theme', 'dark');
});
