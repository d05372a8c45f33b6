// A list as people use it: sorted, searched and turned over by the server, kept in the address, taken
// along as a file, and fresh when somebody else changes it.

import { readFile } from 'node:fs/promises';

import { expectAccessible } from '../support/axe.ts';
import { ownServer } from '../support/ownServer.ts';
import { expect } from '../support/portal.ts';

const test = ownServer();

test.use({ contextOptions: { reducedMotion: 'reduce' } });

test('agencies and centres', async ({ portal, page, programme, words }) => {
  await portal.signIn('administrator', '/admin/centres');
  await portal.expectTitle('admin_centres_title');
  const rows = page.locator('tbody tr');
  await expect(rows).toHaveCount(12);
  await expectAccessible(page, 'centres');

  await test.step('sorted by the head of a column, and back', async () => {
    const head = page.getByRole('columnheader', { name: words.say('admin_code') });
    await head.getByRole('button').click();
    await expect(head).toHaveAttribute('aria-sort', 'ascending');
    const first = await rows.first().textContent();
    await head.getByRole('button').click();
    await expect(head).toHaveAttribute('aria-sort', 'descending');
    await expect(rows.first()).not.toHaveText(first ?? '');
    await page.reload();
    await expect(head).toHaveAttribute('aria-sort', 'descending');
    await head.getByRole('button').click();
    await expect(head).toHaveAttribute('aria-sort', 'none');
  });

  await test.step('searched, with the keyboard, and nothing found', async () => {
    await page.locator('main h1').focus();
    await page.keyboard.press('/');
    await expect(portal.field('portal_table_filter')).toBeFocused();
    await page.keyboard.type('number 1');
    await expect(rows).toHaveCount(4);
    await portal.field('portal_table_filter').fill('zzzz');
    await expect(portal.text('portal_table_none')).toBeVisible();
    await expectAccessible(page, 'nothing found');
    await portal.button('portal_table_clear').click();
    await expect(rows).toHaveCount(12);
    await expect(portal.field('portal_table_filter')).toHaveValue('');
  });

  await test.step('taken along as a file', async () => {
    const begun = page.waitForEvent('download');
    await portal.button('portal_table_export').click();
    const text = await readFile(await (await begun).path(), 'utf8');
    expect(text.trim().split('\r\n')).toHaveLength(13);
    expect(text).toContain(words.say('admin_agency'));
  });

  await test.step('what somebody else adds is there without a reload', async () => {
    await page.getByRole('tab', { name: words.say('admin_agencies_tab') }).click();
    await expect(rows.first()).toBeVisible();
    const before = await rows.count();
    const unique = String(Date.now() % 1e9);
    const name = { ar: `جهة جديدة ${unique}`, en: `New agency ${unique}` };
    await programme.administrator.post('/api/agencies', { code: `N${unique}`, name });
    await expect(rows).toHaveCount(before + 1);
    await expectAccessible(page, 'agencies');
    await page.reload();
    await expect(rows).toHaveCount(before + 1);
  });
});

test('no scorecards yet', async ({ portal, page }) => {
  await portal.signIn('manager', '/scorecards');
  await portal.expectTitle('centre_scorecards_title');
  await expect(portal.text('centre_none')).toBeVisible();
  await expectAccessible(page, 'no scorecards yet');
});
