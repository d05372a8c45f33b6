// What a centre replies to its scorecard, over the real server: an appeal from the manager's statement to
// the committee's ruling and the new version, and an action from the remark to its completion.

import { readFile } from 'node:fs/promises';

import type { Browser, Locator, Page } from '@playwright/test';

import { expectAccessible } from '../support/axe.ts';
import { Central } from '../support/central.mjs';
import { expect, test, windowOf, type Portal, type Role } from '../support/portal.ts';
import { day, type Programme } from '../support/programme.mjs';
import { published } from '../support/published.ts';
import type { Words } from '../support/words.ts';

test.use({ contextOptions: { reducedMotion: 'reduce' } });

const STATEMENT = 'نُظفت الصالة صباح كل يوم، وسجل النظافة مرفق لدى الإدارة، ولم يُنظر فيه.';
const RECORD = 'سجل النظافة: 6:30 كل صباح';
const FIRST = 'سجل النظافة والصورة يثبتان أن الصالة ممتازة.';
const LAST = 'ثبت للجنة أن الصالة كانت نظيفة ومهيأة.';

let central: Central;
let programme: Programme;

test.beforeEach(async () => {
  ({ central, programme } = await published());
});
test.afterEach(async () => {
  await central.stop();
});

/** The portal of somebody of a role, in a window of their own. */
async function as(browser: Browser, words: Words, role: Role, where: string) {
  return await windowOf({ browser, central, words }, await programme.addPerson(role), where);
}

async function choose(portal: Portal, key: Parameters<Portal['text']>[0], within: Locator) {
  const name = portal.words.say(key);
  await within.getByRole('radio', { name, exact: true }).check({ force: true });
}

/** What stands on the page names nobody of the field, and no visit. */
async function expectNobodyNamed(page: Page): Promise<void> {
  const told = await page.locator('body').innerText();
  for (const secret of ['Zayd', 'زيد', 'الصالة غير صالحة للاستعمال']) {
    expect(told).not.toContain(secret);
  }
}

test('an appeal: filed, ruled on twice, and a new version beside the old', async ({
  browser,
  words,
}) => {
  test.setTimeout(180_000);
  const manager = await as(browser, words, 'manager', '/scorecards');
  const { portal, page } = manager;
  await portal.expectTitle('centre_scorecards_title');
  await page.locator('tbody th a').click();
  await expect(portal.text('centre_pillars')).toBeVisible();
  await expectNobodyNamed(page);
  await expectAccessible(page, 'a scorecard');

  await portal.button('centre_window_to_criteria').click();
  const row = page.getByRole('row').filter({ hasText: 'A3' });
  await expectAccessible(page, 'its criteria');
  await portal.button('centre_appeal_of', { criterion: 'A3' }, row).click();
  const form = page.getByRole('dialog');
  await portal.button('centre_form_go', {}, form).click();
  await expect(portal.text('centre_form_needed', {}, form)).toBeVisible();
  await portal.field('centre_form_ground', form).selectOption('evidence_ignored');
  await form.getByRole('textbox').fill(STATEMENT);
  await expectAccessible(page, 'the form of an appeal');
  await portal.button('centre_form_go', {}, form).click();
  await expect(portal.toast('centre_form_done')).toBeVisible();
  await expect(portal.text('centre_appealed', {}, row)).toBeVisible();

  await test.step('a file shows what it says', async () => {
    await portal.go('/centre/appeals');
    await page.locator('tbody th a').click();
    await expect(page.getByText(STATEMENT)).toBeVisible();
    const buffer = Buffer.from(RECORD);
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: 'record.txt', mimeType: 'text/plain', buffer });
    await expect(page.getByRole('listitem').filter({ hasText: 'record.txt' })).toBeVisible();
    await expect(page.getByText(RECORD)).toBeVisible();
    await expectAccessible(page, 'an appeal with a file');
  });

  await test.step('the central team looks at it first', async () => {
    const team = await as(browser, words, 'central_team', '/appeals');
    await team.portal.expectTitle('appeal_title');
    await expect(team.portal.text('appeal_state_filed')).toHaveCount(2);
    await expectAccessible(team.page, 'the queue of appeals');
    await team.page.locator('tbody th a').click();
    await expect(team.page.getByText(STATEMENT)).toBeVisible();
    await expect(team.page.getByText(RECORD)).toBeVisible();
    await choose(team.portal, 'appeal_ruling_partly', team.page.getByRole('main'));
    await team.portal.button('appeal_go_first').click();
    await expect(team.portal.text('appeal_correction_needed')).toBeVisible();
    await expect(team.portal.text('appeal_reason_needed')).toBeVisible();
    await team.portal.field('appeal_correct').selectOption('step:4');
    await team.portal.field('appeal_reason').fill(FIRST);
    await expect(team.page.locator('td.changed')).not.toHaveCount(0);
    await expectAccessible(team.page, 'a first ruling');
    await team.portal.button('appeal_go_first').click();
    const sure = team.page.getByRole('alertdialog');
    await team.portal.button('appeal_go_first', {}, sure).click();
    await expect(team.portal.toast('appeal_done_first')).toBeVisible();
    await team.context.close();
  });

  await test.step('the committee rules', async () => {
    const chair = await as(browser, words, 'committee_chair', '/appeals');
    await chair.page.locator('tbody th a').click();
    await expect(chair.page.getByText(FIRST)).toBeVisible();
    await expect(chair.portal.field('appeal_correct')).toHaveValue('step:4');
    await choose(chair.portal, 'appeal_ruling_upheld', chair.page.getByRole('main'));
    await chair.portal.field('appeal_correct').selectOption('step:5');
    await chair.portal.field('appeal_reason').fill(LAST);
    await expect(chair.page.locator('td.changed').last()).toContainText(
      words.language === 'ar' ? 'فضي' : 'Silver',
    );
    await expectAccessible(chair.page, 'the ruling');
    await chair.portal.button('appeal_go_last').click();
    const sure = chair.page.getByRole('alertdialog');
    await expect(chair.portal.text('appeal_go_upheld_text', {}, sure)).toBeVisible();
    await chair.portal.button('appeal_go_last', {}, sure).click();
    await expect(chair.portal.toast('appeal_done_last')).toBeVisible();
    await chair.context.close();
  });

  await portal.go('/centre/appeals');
  await portal.expectTitle('centre_appeals_title');
  await expectAccessible(page, 'own appeals');
  await page.locator('tbody th a').click();
  await expect(page.getByText(LAST)).toBeVisible();
  await expect(page.getByText(FIRST), 'the first ruling is not the centre’s').toHaveCount(0);
  await expectNobodyNamed(page);
  await expectAccessible(page, 'an appeal with its ruling');
  await portal.link('centre_superseded_go').click();
  await expect(portal.text('centre_reason')).toBeVisible();
  await expect(page.getByText(words.language === 'ar' ? 'فضي' : 'Silver').first()).toBeVisible();

  await page.getByRole('tab', { name: words.say('centre_tab_versions') }).click();
  const old = page
    .getByRole('row')
    .filter({ hasText: words.say('centre_version', { version: 1 }) });
  const begun = page.waitForEvent('download');
  await old.getByRole('button').first().click();
  const bytes = await readFile(await (await begun).path());
  expect(bytes.subarray(0, 5).toString(), 'the old version’s document').toBe('%PDF-');
  await old.getByRole('link').click();
  await expect(portal.text('centre_superseded_title')).toBeVisible();
  await expectAccessible(page, 'a version that was superseded');
  await manager.context.close();
});

test('an action: owned, due, late, done', async ({ browser, words }) => {
  test.setTimeout(120_000);
  const manager = await as(browser, words, 'manager', '/centre/actions');
  const { portal, page } = manager;
  await portal.expectTitle('centre_actions_title');
  await expect(page.locator('tbody tr')).toHaveCount(2);
  await expectAccessible(page, 'actions');
  await portal.button('centre_action_edit_of', { criterion: 'A2' }).click();
  const drawer = page.getByRole('dialog');
  await choose(portal, 'centre_action_done', drawer);
  await portal.button('centre_action_save', {}, drawer).click();
  await expect(portal.text('error_action_owner_missing', {}, drawer)).toBeVisible();
  await portal.field('centre_action_owner', drawer).fill('رئيسة قسم الاستقبال');
  await portal.field('centre_action_due', drawer).fill(day(-2));
  await choose(portal, 'centre_action_in_progress', drawer);
  await expectAccessible(page, 'an action');
  await portal.button('centre_action_save', {}, drawer).click();
  await expect(portal.toast('centre_action_saved')).toBeVisible();
  const row = page.getByRole('row').filter({ hasText: 'A2' });
  await expect(row).toContainText(words.say('centre_action_late', { count: 2, shown: 2 }));

  await portal.field('centre_action_state').selectOption('late');
  await expect(page.locator('tbody tr')).toHaveCount(1);
  await page.reload();
  await expect(page.locator('tbody tr')).toHaveCount(1);
  await portal.button('centre_action_edit_of', { criterion: 'A2' }).click();
  await choose(portal, 'centre_action_done', drawer);
  await portal.field('centre_action_evidence', drawer).fill('ركبت اللوحة، وصورتها في ملف المركز.');
  await portal.button('centre_action_save', {}, drawer).click();
  await expect(
    portal.text('centre_actions_none').or(portal.text('portal_table_none')),
  ).toBeVisible();
  await portal.field('centre_action_state').selectOption('');

  const member = await as(browser, words, 'committee_member', '/centre/actions');
  await member.portal.button('centre_action_see_of', { criterion: 'A2' }).click();
  const seen = member.page.getByRole('dialog');
  await expect(seen.getByText('ركبت اللوحة، وصورتها في ملف المركز.').first()).toBeVisible();
  await expect(seen.getByRole('listitem')).toHaveCount(2);
  await expectAccessible(member.page, 'an action as the committee reads it');
  await member.context.close();
  await manager.context.close();
});
