// The administrator's working day over the real server: agencies and centres from a file with a fault,
// people, a cycle with its notice and opening, visits under the rules of assignment, rubrics, the audit.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Page } from '@playwright/test';

import { expectAccessible } from '../support/axe.ts';
import { expect, type Portal } from '../support/portal.ts';
import { ownServer } from '../support/ownServer.ts';
import { ROOT } from '../support/processes.mjs';
import { day } from '../support/programme.mjs';

const test = ownServer();

test.use({ contextOptions: { reducedMotion: 'reduce' } });

const unique = () => String(Math.floor(Math.random() * 1e9));
const csv = (lines: string[]) => ({
  name: 'centres.csv',
  mimeType: 'text/csv',
  buffer: Buffer.from(`\uFEFF${lines.join('\r\n')}\r\n`),
});

/** Waits until nothing of a dialog is left, and what it said of its success is read. */
async function expectToast(page: Page, words: RegExp | string): Promise<void> {
  await expect(page.locator('.toast').filter({ hasText: words })).toBeVisible();
}

/** Types both sides of a text. */
async function fillBoth(portal: Portal, label: string, ar: string, en: string): Promise<void> {
  const { words, page } = portal;
  await page.getByLabel(words.say('admin_in_arabic', { label }), { exact: true }).fill(ar);
  await page.getByLabel(words.say('admin_in_english', { label }), { exact: true }).fill(en);
}

test('agencies and centres: a file with faults, mended and imported', async ({
  portal,
  page,
  words,
}) => {
  const id = unique();
  await portal.signIn('administrator', '/admin/centres?tab=agencies');
  await portal.button('admin_agency_add').click();
  const dialog = page.getByRole('dialog');
  await portal.button('admin_add', {}, dialog).click();
  await expect(portal.text('portal_needed', {}, dialog).first()).toBeVisible();
  await portal.field('admin_code', dialog).fill(`M${id}`);
  await fillBoth(portal, words.say('admin_name'), `وزارة ${id}`, `Ministry ${id}`);
  await expectAccessible(page, 'a new agency');
  await portal.button('admin_add', {}, dialog).click();
  await expect(dialog).toHaveCount(0);
  await portal.field('portal_table_filter').fill(id);
  await expect(page.locator('tbody tr')).toHaveCount(1);
  await page.locator('tbody tr').getByRole('button').click();
  await expect(portal.field('admin_code', dialog)).toBeDisabled();
  await fillBoth(portal, words.say('admin_name'), `هيئة ${id}`, `Authority ${id}`);
  await expectAccessible(page, 'an agency that is renamed');
  await portal.button('admin_save', {}, dialog).click();
  await expect(dialog).toHaveCount(0);
  await expect(page.locator('tbody tr')).toContainText(
    words.language === 'ar' ? `هيئة ${id}` : `Authority ${id}`,
  );

  await portal.go('/admin/centres/import');
  await portal.expectTitle('admin_import_title');
  await expect(portal.text('admin_import_example')).toBeVisible();
  await expectAccessible(page, 'the import, empty');
  const template = page.waitForEvent('download');
  await portal.button('admin_import_template').click();
  const headings = await readFile(await (await template).path(), 'utf8');
  expect(headings).toContain(words.say('admin_import_name_ar'));

  const lines = [
    headings.replace('\uFEFF', '').trim(),
    `${id}-1,M${id},in_person,مركز أول ${id},First ${id},,,`,
    `${id}-2,M${id},by post,مركز ثان ${id},Second ${id},,,`,
    `${id}-1,NONE,remote,مركز ثالث ${id},Third ${id},,,`,
  ];
  await page.locator('input[type=file]').setInputFiles(csv(lines));
  await expect(portal.like('admin_import_faulty', { count: 3 })).toBeVisible();
  const rows = page
    .getByRole('region', { name: words.say('admin_import_faults') })
    .locator('tbody tr');
  await expect(rows).toHaveCount(3);
  await expect(rows.nth(0)).toContainText('by post');
  await expect(rows.filter({ hasText: words.say('admin_fault_no_agency') })).toHaveCount(1);
  await expectAccessible(page, 'the faults of a file');

  // Mended on the page; nothing was added before.
  await page
    .locator('textarea')
    .fill(
      lines
        .join('\n')
        .replace('by post', words.say('app_model_remote'))
        .replace(`${id}-1,NONE`, `${id}-3,M${id}`),
    );
  await portal.button('admin_import_check').click();
  await expect(portal.like('admin_import_fine', { count: 3 })).toBeVisible();
  await expectAccessible(page, 'what will be added');
  await portal.button('admin_import_go').click();
  await portal.expectTitle('admin_centres_title');
  await portal.field('portal_table_filter').fill(`${id}-`);
  await expect(page.locator('tbody tr')).toHaveCount(3);
});

test('people: added, given a code, closed with a reason; devices are shown', async ({
  portal,
  page,
  words,
}) => {
  const user = `rasha.${unique()}`;
  await portal.signIn('administrator', '/admin/people');
  await portal.button('admin_person_add').click();
  const dialog = page.getByRole('dialog');
  await fillBoth(portal, words.say('admin_name'), 'رشا', 'Rasha');
  await portal.field('portal_user', dialog).fill(user);
  await portal.field('admin_password_first', dialog).fill('short');
  await portal.button('admin_add', {}, dialog).click();
  await expect(portal.text('admin_password_short', {}, dialog)).toBeVisible();
  await portal.field('admin_password_first', dialog).fill('walnut kettle orbit');
  await expectAccessible(page, 'a new person');
  await portal.button('admin_add', {}, dialog).click();
  await expect(dialog).toHaveCount(0);

  await portal.field('portal_table_filter').fill(user);
  const row = page.locator('tbody tr');
  await expect(row).toHaveCount(1);
  await row.getByRole('button').click();
  await portal.button('admin_code_issue').click();
  await portal.button('admin_code_go').click();
  await expect(page.locator('.code')).toHaveText(/^[0-9A-Z]{5}(-[0-9A-Z]{5}){3}$/);
  await expectAccessible(page, 'an enrolment code');
  await portal.button('admin_code_done').click();

  await portal.button('admin_person_close').click();
  const alert = page.getByRole('alertdialog');
  await portal.button('admin_person_close', {}, alert).click();
  await expect(portal.text('admin_reason_needed', {}, alert)).toBeVisible();
  await portal.field('admin_reason', alert).fill('انتقل إلى عمل آخر');
  await portal.button('admin_person_close', {}, alert).click();
  await expect(alert).toHaveCount(0);
  await expect(portal.text('admin_person_closed', {}, row)).toBeVisible();
  await row.getByRole('button').click();
  await expect(page.getByText('انتقل إلى عمل آخر')).toBeVisible();
  await page.keyboard.press('Escape');

  await page.getByRole('tab', { name: words.say('admin_devices_tab') }).click();
  await expect(page.getByRole('tabpanel')).toBeVisible();
  await expectAccessible(page, 'devices');
});

test('a cycle: notice, plan, a hard stop, opening', async ({ portal, page, words, programme }) => {
  test.setTimeout(120_000);
  const number = unique();
  const agency = programme.agency.id;
  const employed = await programme.administrator.post<{ id: string }>('/api/people', {
    user: `employed.${number}`,
    password: 'walnut kettle orbit',
    name: { ar: 'موظف الجهة', en: `Employed ${number}` },
    role: 'evaluator',
    agency,
  });
  expect(employed.id).toBeTruthy();
  const free = { ar: `حر ${number}`, en: `Free ${number}` };
  await programme.addPerson('evaluator', free);

  await portal.signIn('administrator', '/admin/cycles/new');
  await portal.expectTitle('admin_cycle_add');
  await portal.button('admin_cycle_save').click();
  await expect(portal.text('admin_centres_needed')).toBeVisible();
  await portal.field('admin_cycle_number').fill(number);
  await fillBoth(portal, words.say('admin_cycle_name'), `الدورة ${number}`, `Cycle ${number}`);
  await fillBoth(portal, words.say('admin_programme_name'), 'برنامج التقييم', 'The programme');
  await portal.button('admin_choose_all').click();
  await expectAccessible(page, 'a new cycle');
  await portal.button('admin_cycle_save').click();

  // The gates say what is missing, each by its name.
  await expect(portal.text('admin_need_notice')).toBeVisible();
  await expect(portal.text('admin_need_plan')).toBeVisible();
  await expect(portal.button('admin_step_open')).toBeDisabled();
  await portal.button('admin_notice_write').click();
  const notice = page.getByRole('dialog');
  await portal.field('admin_notice_date', notice).fill(day(-10));
  await fillBoth(portal, words.say('admin_notice_text'), 'تجرى زيارات.', 'Visits are made.');
  await portal.field('admin_notice_recipients', notice).fill('كل الجهات');
  await expectAccessible(page, 'the notice');
  await portal.button('admin_save', {}, notice).click();
  await expect(notice).toHaveCount(0);
  await expect(portal.text('admin_need_notice_met', {}, page.getByRole('main'))).toBeVisible();
  await expectAccessible(page, 'a cycle in draft');
  const kept = page.getByRole('region', { name: words.say('admin_retention_title') });
  await expect(kept).toContainText(words.say('admin_retention_not_closed'));
  await portal.field('admin_retention_days', kept).fill('4000');
  await expect(kept).toContainText(words.say('admin_whole', { least: '1', most: '3650' }));
  await portal.field('admin_retention_days', kept).fill('90');
  await portal.button('admin_save', {}, kept).click();
  await expect(portal.toast('admin_settings_saved')).toBeVisible();
  await expect(portal.field('admin_retention_days', kept)).toHaveValue('90');

  // The plan.
  await page
    .getByRole('main')
    .getByRole('link', { name: words.say('admin_cycle_to_visits') })
    .click();
  await portal.expectTitle('admin_visits_title');
  await expect(portal.text('admin_visits_none')).toBeVisible();
  await portal.button('admin_visit_add').click();
  const dialog = page.getByRole('dialog');
  const own = programme.centres.find(({ model }) => model === 'in_person');
  await portal.field('admin_centre', dialog).selectOption(own?.id ?? '');
  await portal.field('admin_from', dialog).fill(day(5));
  await portal.field('admin_to', dialog).fill(day(2));
  await fillBoth(portal, words.say('admin_scenario'), 'اسأل عن الرسم', 'Ask about the fee');
  await portal.button('admin_visit_save', {}, dialog).click();
  await expect(portal.text('admin_refused_to', {}, dialog)).toBeVisible();
  await portal.field('admin_to', dialog).fill(day(9));
  await expectAccessible(page, 'a new visit');
  await portal.button('admin_visit_save', {}, dialog).click();

  // The stop of rule M5 stands beside the name; the other can be chosen.
  const list = page.getByRole('list', { name: words.say('admin_candidates') });
  const barred = list.getByRole('listitem').filter({ hasText: `employed.${number}` });
  await expect(portal.text('admin_stop_own_agency', {}, barred)).toBeVisible();
  await expect(barred.getByRole('button')).toHaveCount(0);
  await expectAccessible(page, 'who may make a visit');
  const name = words.language === 'ar' ? free.ar : free.en;
  await portal.button('admin_assign_to', { name }).click();
  await expectToast(page, name);
  await page.keyboard.press('Escape');
  const row = page.locator('tbody tr').filter({ hasText: name });
  await expect(portal.text('admin_visit_assigned', {}, row)).toBeVisible();

  // Rotation alone may be passed over, for a reason.
  await portal.button('admin_visit_add').click();
  await portal.field('admin_centre', dialog).selectOption(own?.id ?? '');
  await portal.field('admin_from', dialog).fill(day(12));
  await portal.field('admin_to', dialog).fill(day(19));
  await fillBoth(portal, words.say('admin_scenario'), 'اسأل عن الرسم', 'Ask about the fee');
  await portal.button('admin_visit_save', {}, dialog).click();
  const rotated = list.getByRole('listitem').filter({ hasText: name });
  await expect(portal.text('admin_stop_same_cycle', {}, rotated)).toBeVisible();
  await portal.button('admin_overrule_to', { name }).click();
  const asking = page.getByRole('alertdialog');
  await portal.button('admin_overrule_yes', {}, asking).click();
  await expect(portal.text('admin_reason_needed', {}, asking)).toBeVisible();
  await expectAccessible(page, 'passing over rotation');
  await portal.field('admin_reason', asking).fill('لا مقيم غيره يتكلم لغة المركز');
  await portal.button('admin_overrule_yes', {}, asking).click();
  await expect(asking).toHaveCount(0);
  await page.keyboard.press('Escape');
  await expect(row).toHaveCount(2);
  await page
    .getByRole('radio', { name: words.say('admin_view_calendar'), exact: true })
    .check({ force: true });
  await expect(page.locator('td button').first()).toBeVisible();
  await expectAccessible(page, 'the calendar');

  // Opening.
  await page.getByRole('link', { name: words.say('admin_visits_to_cycle') }).click();
  await portal.button('admin_step_open').click();
  await portal.button('admin_step_confirm').click();
  await expect(portal.text('admin_need_settled', { count: 2, shown: '2' })).toBeVisible();
  await expect(portal.button('admin_step_close_field_work')).toBeDisabled();
  await expect(portal.button('admin_notice_change')).toHaveCount(0);

  // A visit is cancelled with its reason, which stays on record.
  await page
    .getByRole('main')
    .getByRole('link', { name: words.say('admin_cycle_to_visits') })
    .click();
  await row.first().getByRole('button').click();
  await portal.button('admin_visit_cancel').click();
  const alert = page.getByRole('alertdialog');
  await portal.field('admin_reason', alert).fill('أغلق المركز للصيانة');
  await portal.button('admin_visit_cancel', {}, alert).click();
  await expect(alert).toHaveCount(0);
  await expect(page.getByText('أغلق المركز للصيانة')).toBeVisible();
});

test('rubrics: a faulty file by place, loaded, read and compared', async ({
  portal,
  page,
  words,
}) => {
  test.setTimeout(120_000);
  const text = await readFile(join(ROOT, 'rubrics', 'in-person.toml'), 'utf8');
  const version = `2.0.${unique()}`;
  const file = (changed: string) => ({
    name: 'in-person.toml',
    mimeType: 'application/toml',
    buffer: Buffer.from(changed.replace(/^version = .*/m, `version = "${version}"`)),
  });
  await portal.signIn('administrator', '/admin/rubrics/file');
  await portal.expectTitle('admin_rubric_load');
  const input = page.locator('input[type=file]');
  await input.setInputFiles(file(text.replace('weight = 12', 'weight = 13')));
  await expect(portal.like('admin_rubric_faulty')).toBeVisible();
  await expect(page.getByText(words.like('admin_rfault_pillar_weights'))).toBeVisible();
  await expectAccessible(page, 'a faulty rubric');
  await input.setInputFiles(file(text));
  await expect(portal.text('admin_rubric_fine')).toBeVisible();
  await portal.button('admin_rubric_load_go').click();
  // By its version: a pattern over the text of a whole rubric would keep the page busy for minutes.
  await expect(portal.button('admin_print')).toBeEnabled();
  await expect(page.locator('#main p', { hasText: version })).toBeVisible();
  await expectAccessible(page, 'a rubric');

  await portal.go('/admin/rubrics/compare');
  await portal.expectTitle('admin_rubrics_compare');
  await expect(portal.text('admin_compare_added').first()).toBeVisible();
  await expectAccessible(page, 'two versions');
});

test('the audit: filtered, and its head', async ({ portal, page, words }) => {
  await portal.signIn('administrator', '/admin/audit');
  await portal.expectTitle('admin_audit_title');
  await portal.field('admin_audit_deed').selectOption('signed_in');
  const cells = page.locator('tbody tr');
  await expect(cells.first()).toContainText(words.say('admin_deed_signed_in'));
  await cells.first().getByRole('button').click();
  await expect(page.getByRole('dialog')).toContainText(words.say('admin_head_hash'));
  await page.keyboard.press('Escape');
  await page.locator('summary').click();
  await expect(portal.text('admin_head_signature')).toBeVisible();
  await expectAccessible(page, 'the audit');
  const begun = page.waitForEvent('download');
  await portal.button('admin_head_save').click();
  const head = JSON.parse(await readFile(await (await begun).path(), 'utf8')) as object;
  expect(Object.keys(head).sort()).toEqual(['at', 'hash', 'key', 'n', 'signature']);
});
