// The frame around every page: what each role is shown, by pointer and by keyboard, wide and narrow.

import { expectAccessible } from '../support/axe.ts';
import { expect, ROLES, test } from '../support/portal.ts';

test.use({ contextOptions: { reducedMotion: 'reduce' } });

for (const role of ROLES) {
  test(`what is shown to: ${role}`, async ({ portal, page, words }) => {
    await portal.signIn(role);
    await expect(page.locator('header')).toContainText(words.say(`portal_role_${role}`));
    await expect(page.locator('main h1')).toBeVisible();
    await expectAccessible(page, `the start of ${role}`);
    // Every page that is shown opens, and nothing is refused on the way.
    const pages = await portal.navigation().getByRole('link').all();
    expect(pages.length).toBeGreaterThanOrEqual(2);
    for (const link of pages) {
      const name = (await link.textContent())?.trim() ?? '';
      await link.click();
      await expect(page).toHaveTitle(words.say('portal_title', { page: name }));
      await expect(page.locator('main h1')).toBeVisible();
      await expect(page.locator('main [role="alert"]')).toHaveCount(0);
      await expectAccessible(page, `${role}: ${name}`);
    }
  });
}

test('by keyboard: over the navigation, to a page, to the help and back', async ({
  portal,
  page,
}) => {
  await portal.signIn('reviewer');
  await expect(page.locator('main h1')).toBeVisible();
  await page.locator('body').press('Tab');
  await page.keyboard.press('Enter');
  await expect(page.locator('main h1')).toBeFocused();

  await page.keyboard.press('?');
  const help = page.getByRole('dialog', { name: portal.words.say('portal_keys') });
  await expect(help).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(help).toHaveCount(0);

  await page.keyboard.press('g');
  await page.keyboard.press('2');
  await portal.expectTitle('portal_account_title');
  await expect(page.locator('main h1')).toBeFocused();
});

test('an address that leads nowhere says so', async ({ portal, page }) => {
  await portal.signIn('manager', '/no/such/page');
  await portal.expectTitle('portal_not_found_title');
  await expectAccessible(page, 'no page here');
  await portal.link('portal_go_home').click();
  await expect(page.locator('main h1')).not.toHaveText(portal.words.say('portal_not_found_title'));
});

test('on a narrow screen the navigation opens over the page', async ({ portal, page }) => {
  await page.setViewportSize({ width: 768, height: 900 });
  await portal.signIn('central_team');
  await expect(portal.navigation()).toBeHidden();
  await portal.button('portal_menu').click();
  await expect(portal.navigation()).toBeVisible();
  await expectAccessible(page, 'the open navigation');
  await portal.link('portal_account_nav', portal.navigation()).click();
  await portal.expectTitle('portal_account_title');
  await expect(portal.navigation()).toBeHidden();
  const overflows = await page.evaluate(
    () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
  );
  expect(overflows, 'nothing sticks out at the side').toBe(false);
});

test('files are kept as long as they may be, and the page may load nothing foreign', async ({
  portal,
  page,
  central,
}) => {
  const answers = new Map<string, Record<string, string>>();
  page.on('response', (response) => {
    answers.set(new URL(response.url()).pathname, response.headers());
  });
  await portal.open();
  await portal.expectTitle('portal_sign_in_title');
  const first = answers.get('/') ?? {};
  expect(first['content-security-policy']).toContain("default-src 'none'");
  expect(first['cache-control']).toBe('no-cache');
  const scripts = [...answers].filter(([path]) => path.endsWith('.js'));
  expect(scripts.length).toBeGreaterThan(0);
  for (const [path, headers] of scripts) {
    expect(headers['cache-control'], path).toBe('public, max-age=31536000, immutable');
    expect(headers['content-encoding'], path).toMatch(/^(gzip|zstd)$/);
    const again = await fetch(central.address + path, {
      headers: { 'if-none-match': headers['etag'] ?? '' },
    });
    expect(again.status, path).toBe(304);
  }
});
