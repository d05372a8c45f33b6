// The pictures of the administrator’s guide up to the field work: an empty server, filled through the pages.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Page } from '@playwright/test';

import { Central, ADMINISTRATOR } from '../support/central.mjs';
import { expect, test, windowOf, type Portal } from '../support/portal.ts';
import { ROOT } from '../support/processes.mjs';
import { day, SCENARIO } from '../support/programme.mjs';
import type { Text } from '../support/story.ts';
import { guideCamera } from './camera.ts';

let central: Central;
test.beforeEach(async () => {
  central = await Central.start();
});
test.afterEach(async () => {
  await central.stop();
});

const AGENCY = { ar: 'هيئة الهوية والسجل المدني', en: 'Identity and Civil Registry Authority' };
const CENTRES: [string, string, string][] = [
  ['C-011', 'مركز خدمات الهوية – السدرة', 'Identity Services Centre – Al-Sidra'],
  ['C-012', 'مركز خدمات الجوازات – المرجان', 'Passport Services Centre – Al-Marjan'],
  ['C-013', 'مركز خدمات المرور – الواحة', 'Traffic Services Centre – Al-Waha'],
  ['C-014', 'مركز التوثيق – الميناء القديم', 'Notarisation Centre – Old Harbour'],
];
const CYCLE = { ar: 'الدورة الرابعة', en: 'Cycle 4' };
const PROGRAMME = {
  ar: 'برنامج تقييم مراكز الخدمة الحكومية',
  en: 'Government Service Centre Evaluation Programme',
};
const NOTICE = {
  ar: 'تُجرى في هذه الدورة زيارات تقييم لمراكز الخدمة، وتُنشر نتائجها لكل مركز وجهته.',
  en: 'Evaluation visits to service centres are made in this cycle; results go to each centre and its agency.',
};
const RECIPIENTS = {
  ar: 'كل الجهات التي لها مركز في الدورة، بخطاب رسمي.',
  en: 'Every agency with a centre in the cycle, by official letter.',
};
const EVALUATOR = { ar: 'مريم الحداد', en: 'Maryam Al-Haddad' };

/** Types both sides of a text. */
async function fillBoth({ words, page }: Portal, label: string, { ar, en }: Text): Promise<void> {
  await page.getByLabel(words.say('admin_in_arabic', { label }), { exact: true }).fill(ar);
  await page.getByLabel(words.say('admin_in_english', { label }), { exact: true }).fill(en);
}

test('an administrator sets a cycle up', async ({ browser, words, guard }) => {
  test.setTimeout(300_000);
  const camera = await guideCamera(words.language);
  const { portal, page } = await windowOf({ browser, central, words, guard }, ADMINISTRATOR);
  const take = (name: string) => camera(page, name);
  const say = words.say;
  const said = (text: Text) => text[words.language];
  const dialog = page.getByRole('dialog');

  await portal.signOut();
  await portal.field('portal_user').fill(ADMINISTRATOR.user);
  await portal.field('portal_password').fill(ADMINISTRATOR.password);
  await take('portal-01-sign-in');
  await portal.button('portal_sign_in').click();
  await expect(portal.navigation()).toBeAttached();
  await take('administrator-01-home');

  await test.step('agencies and centres', async () => {
    await portal.go('/admin/centres?tab=agencies');
    await portal.button('admin_agency_add').first().click();
    await portal.field('admin_code', dialog).fill('ID');
    await fillBoth(portal, say('admin_name'), AGENCY);
    await take('administrator-02-agency');
    await portal.button('admin_add', {}, dialog).click();
    await expect(dialog).toHaveCount(0);
    await portal.go('/admin/centres/import');
    await importCentres(portal, page);
    await take('administrator-03-import');
    await portal.button('admin_import_go').click();
    await portal.expectTitle('admin_centres_title');
    await expect(page.locator('tbody tr')).toHaveCount(CENTRES.length);
    await take('administrator-04-centres');
  });

  await test.step('people', async () => {
    await portal.go('/admin/people');
    await portal.button('admin_person_add').click();
    await fillBoth(portal, say('admin_name'), EVALUATOR);
    await portal.field('portal_user', dialog).fill('maryam.haddad');
    await portal.field('admin_role', dialog).selectOption('evaluator');
    await portal.field('admin_password_first', dialog).fill('walnut kettle orbit');
    await take('administrator-05-person');
    await portal.button('admin_add', {}, dialog).click();
    await expect(dialog).toHaveCount(0);
    await page.locator('tbody tr').filter({ hasText: 'maryam.haddad' }).getByRole('button').click();
    await portal.button('admin_code_issue').click();
    await portal.button('admin_code_go').click();
    await expect(page.locator('.code')).toBeVisible();
    await take('administrator-06-code');
    await portal.button('admin_code_done').click();
    await page.keyboard.press('Escape');
  });

  await test.step('rubric', async () => {
    await portal.go('/admin/rubrics/file');
    await portal.expectTitle('admin_rubric_load');
    const file = join(ROOT, 'rubrics', 'in-person.toml');
    await page.locator('input[type=file]').setInputFiles(file);
    await expect(portal.text('admin_rubric_fine')).toBeVisible();
    await take('administrator-07-rubric');
    await portal.button('admin_rubric_load_go').click();
    await expect(portal.button('admin_print')).toBeEnabled();
  });

  await test.step('cycle and notice', async () => {
    await portal.go('/admin/cycles/new');
    await portal.field('admin_cycle_number').fill('4');
    await fillBoth(portal, say('admin_cycle_name'), CYCLE);
    await fillBoth(portal, say('admin_programme_name'), PROGRAMME);
    await portal.button('admin_choose_all').click();
    await take('administrator-08-cycle');
    await portal.button('admin_cycle_save').click();
    await portal.button('admin_notice_write').click();
    await portal.field('admin_notice_date', dialog).fill(day(-20));
    await fillBoth(portal, say('admin_notice_text'), NOTICE);
    await portal.field('admin_notice_recipients', dialog).fill(said(RECIPIENTS));
    await take('administrator-09-notice');
    await portal.button('admin_save', {}, dialog).click();
    await expect(dialog).toHaveCount(0);
  });

  await test.step('the plan', async () => {
    const cycle = new URL(page.url()).hash.split('/').at(-1) ?? '';
    await portal.go(`/admin/visits?cycle=${cycle}`);
    await portal.button('admin_visit_add').first().click();
    await portal.field('admin_centre', dialog).selectOption({ index: 1 });
    await portal.field('admin_from', dialog).fill(day(3));
    await portal.field('admin_to', dialog).fill(day(12));
    await fillBoth(portal, say('admin_scenario'), SCENARIO);
    await take('administrator-10-visit');
    await portal.button('admin_visit_save', {}, dialog).click();
    await expect(page.getByRole('list', { name: say('admin_candidates') })).toBeVisible();
    await take('administrator-11-assign');
    await portal.button('admin_assign_to', { name: said(EVALUATOR) }).click();
    await expect(page.locator('.toast').filter({ hasText: said(EVALUATOR) })).toBeVisible();
    await page.keyboard.press('Escape');
    await portal.go(`/admin/cycles/${cycle}`);
    await expect(portal.button('admin_step_open')).toBeEnabled();
    await take('administrator-12-open');
    await portal.button('admin_step_open').click();
    await portal.button('admin_step_confirm').click();
    await expect(portal.button('admin_step_close_field_work')).toBeVisible();
  });

  await portal.go('/admin/audit');
  await portal.expectTitle('admin_audit_title');
  await expect(page.locator('tbody tr').first()).toBeVisible();
  await take('administrator-16-audit');
});

/** The file is checked on the page before any of it is kept. */
async function importCentres(portal: Portal, page: Page): Promise<void> {
  const template = page.waitForEvent('download');
  await portal.button('admin_import_template').click();
  const headings = await readFile(await (await template).path(), 'utf8');
  const lines = CENTRES.map(([code, ar, en]) => `${code},ID,in_person,${ar},${en},,,`);
  await page.locator('input[type=file]').setInputFiles({
    name: 'centres.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from([headings.trim(), ...lines].join('\r\n')),
  });
  await expect(portal.like('admin_import_fine', { count: CENTRES.length })).toBeVisible();
}
