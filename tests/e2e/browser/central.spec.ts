// The portal through a device shell: the same pages, the token kept by the shell.

import { expectAccessible } from '../support/axe.ts';
import { expect, test } from '../support/test.ts';

test.use({ contextOptions: { reducedMotion: 'reduce' } });

test('who is no evaluator reaches the portal from the app', async ({
  screens,
  page,
  programme,
  central,
  guard,
}) => {
  const person = await programme.addPerson('reviewer');
  const answers: string[] = [];
  page.on('response', (response) => {
    if (new URL(response.url()).pathname.startsWith('/api/'))
      void response.text().then(
        (text) => answers.push(text),
        () => undefined,
      );
  });
  await screens.open();
  await screens.link('app_to_portal').click();
  await screens.expectTitle('portal_sign_in_title');
  await expectAccessible(page, 'signing in through a shell');
  guard.expect(/status of 502 .*\/api\/central\/session/);
  await screens.field('app_enrol_server').fill('http://127.0.0.1:1');
  await screens.field('portal_user').fill(person.user);
  await screens.field('portal_password').fill(person.password);
  await screens.button('portal_sign_in').click();
  await expect(screens.text('error_server_unreachable')).toBeVisible();
  await screens.field('app_enrol_server').fill(central.address);
  await screens.button('portal_sign_in').click();
  await expect(page.locator('nav#side')).toBeVisible();
  await screens.go('/account');
  await screens.expectTitle('portal_account_title');
  await expect(screens.text('portal_places_program')).toBeVisible();

  // The shell has the session: a reload asks nobody, and nothing the page was sent is a token.
  await page.reload();
  await screens.expectTitle('portal_account_title');
  expect(answers.length).toBeGreaterThan(3);
  expect(answers.join(' ')).not.toMatch(/[0-9a-f]{64}/);
  expect(await page.context().cookies()).toEqual([]);

  await screens.button('portal_sign_out').click();
  await screens.expectTitle('portal_sign_in_title');
  await expect(screens.field('app_enrol_server')).toHaveValue(central.address);
  await screens.link('portal_to_evaluator').click();
  await screens.expectTitle('app_create_title');
});
