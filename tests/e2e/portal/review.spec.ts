// A reviewer's working day over the real server: the queue with its findings, a visit beside its evidence,
// questions, rulings, decisions; two reviewers on one visit; the blind second scoring.

import type { Page } from '@playwright/test';

import { expectAccessible } from '../support/axe.ts';
import { FieldWorker, type FieldAnswer, type FieldVisit } from '../support/fieldwork.ts';
import { png } from '../support/files.ts';
import { expect, Portal, test } from '../support/portal.ts';
import type { Programme } from '../support/programme.mjs';

test.use({ contextOptions: { reducedMotion: 'reduce' } });

const LONG = 'الشباك مغلق منذ الصباح، ولم يعرف أحد متى يفتح.';

const ANSWERS: FieldAnswer[] = [
  { criterion: 'A1', value: true },
  { criterion: 'A2', value: 'partly', note: LONG },
  { criterion: 'A3', value: 5 },
  { criterion: 'A4', value: false, note: 'عتبة عالية عند المدخل' },
  { criterion: 'B1', value: '13', note: 'الانتظار 13 دقيقة' },
  { criterion: 'B2', value: '12' },
  { criterion: 'B3', value: '75', note: 'ثلاثة منافذ من أربعة' },
  { criterion: 'B4', value: 'leading' },
  { criterion: 'B5', na: 'لا تعرض بيانات' },
];

const photo = (seed: number) => ({
  criterion: 'A1',
  bytes: png(seed),
  mediaType: 'image/png',
});

async function share(programme: Programme, percent: number): Promise<void> {
  await programme.administrator.post(`/api/cycles/${programme.cycle.id}/review-settings`, {
    outlier_points: 20,
    tolerance_points: 10,
    second_share: percent,
  });
}

/** A visit with two photos, and its code. */
async function sent(programme: Programme, more: Partial<FieldVisit> = {}) {
  const worker = await FieldWorker.enrol(programme);
  const seed = Math.floor(Math.random() * 1e6);
  const wish: FieldVisit = {
    answers: ANSWERS,
    files: [photo(seed), photo(seed + 1)],
    minutesAgo: 60 + Math.floor(Math.random() * 1e4),
    ...more,
  };
  const visit = await worker.visit(wish);
  const { centre } = await programme.visit(visit);
  return { worker, wish, visit, centre };
}

/** The row of the queue that holds a centre's code. */
const row = (page: Page, code: string) => page.getByRole('row').filter({ hasText: code });

async function openVisit(portal: Portal, page: Page, code: string): Promise<void> {
  await row(page, code).getByRole('link').click();
  await expect(portal.text('review_findings_title')).toBeVisible();
}

/** What stands on the page names nobody of the field. */
async function expectNobodyNamed(page: Page): Promise<void> {
  const told = await page.locator('body').innerText();
  expect(told).not.toContain('Zayd');
  expect(told).not.toContain('زيد');
}

test('a whole day: from the queue to a return and a validation', async ({
  portal,
  page,
  programme,
}) => {
  test.setTimeout(120_000);
  await share(programme, 0);
  const shared = { criterion: 'A1', bytes: png(77), mediaType: 'image/png' };
  const one = await sent(programme, { files: [shared, photo(78)], minutesAgo: 400 });
  const other = await sent(programme, { files: [shared], minutesAgo: 4000 });

  await portal.signIn('reviewer', '/review');
  await portal.expectTitle('review_queue_title');
  const marks = row(page, one.centre);
  await expect(portal.text('review_check_photo_reused', {}, marks)).toBeVisible();
  await expect(portal.text('review_check_text_repeated', {}, marks)).toBeVisible();
  await expect(portal.text('review_free', {}, marks)).toBeVisible();
  await expectAccessible(page, 'the queue');
  await expectNobodyNamed(page);

  // Filter by a check, search, sort; the address keeps it.
  await portal.field('review_filter_check').selectOption('photo_reused');
  await expect(row(page, other.centre)).toBeVisible();
  await page.locator('[data-find]').fill(one.centre);
  await expect(row(page, other.centre)).toHaveCount(0);
  await page.reload();
  await expect(page.locator('[data-find]')).toHaveValue(one.centre);

  await openVisit(portal, page, one.centre);
  await expectNobodyNamed(page);
  await expectAccessible(page, 'a visit under review');

  // A finding leads to its place; keys move, turn and ask.
  const jump = portal.words.say('review_jump_to', {
    check: portal.words.say('review_check_text_repeated'),
  });
  await page.getByRole('button', { name: jump, exact: true }).first().click();
  const second = page.locator('[data-criterion="A2"]');
  await expect(second).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(page.locator('[data-criterion="A3"]')).toBeFocused();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('q');
  const box = second.getByRole('textbox');
  await expect(box).toBeFocused();
  await box.fill('متى أغلق الشباك؟');
  const picture = page.locator('.viewer img').first();
  await expect(picture).toBeVisible();
  await second.focus();
  await page.keyboard.press('z');
  await page.keyboard.press('r');
  await expect(picture).toHaveAttribute('style', /rotate\(90deg\) scale\(1\.5\)/);
  await page.keyboard.press('c');
  await expect(page.locator('.viewer img')).toHaveCount(2);
  await page.keyboard.press('c');
  await expect(page.locator('.viewer img')).toHaveCount(1);

  // What was written outlives a reload.
  await page.reload();
  await expect(page.locator('[data-criterion="A2"]').getByRole('textbox')).toHaveValue(
    'متى أغلق الشباك؟',
  );

  // The critical hit is dismissed with its reason.
  const hit = page.locator('[data-criterion="A4"]');
  await portal.button('review_critical_dismiss', {}, hit).click();
  await expect(portal.text('review_reason_needed', {}, hit)).toBeVisible();
  await hit.getByRole('textbox').first().fill('المنحدر ظاهر في الصورة');
  await portal.button('review_critical_dismiss', {}, hit).click();
  await expect(portal.text('review_critical_dismissed', {}, hit)).toBeVisible();

  await portal.button('review_return').click();
  await portal.button('review_return_go').click();
  await expect(portal.toast('review_done_returned')).toBeVisible();
  await portal.expectTitle('review_queue_title');

  // The new revision comes back with what was asked and what has changed.
  const answers = ANSWERS.map((answer) =>
    answer.criterion === 'A2' ? { ...answer, value: 'met' } : answer,
  );
  await one.worker.submit(one.visit, { ...one.wish, answers, minutesAgo: 400 }, 2);
  await page.reload();
  await openVisit(portal, page, one.centre);
  const changed = page.locator('[data-criterion="A2"]');
  await expect(portal.text('review_changed', {}, changed)).toBeVisible();
  await expect(changed).toContainText('متى أغلق الشباك؟');
  await portal.button('review_validate').click();
  await portal.button('review_validate_go').click();
  await expect(portal.toast('review_done_validated')).toBeVisible();
  await expect(row(page, one.centre)).toHaveCount(0);

  await portal.go('/review/history');
  await portal.expectTitle('review_history_title');
  await expect(portal.text('review_deed_validated').first()).toBeVisible();
  await expect(portal.text('review_deed_returned').first()).toBeVisible();
  await expect(portal.text('review_critical_dismissed').first()).toBeVisible();
  await expectAccessible(page, 'what I did');
});

test('two reviewers on one visit: the second is told, and loses nothing', async ({
  portal,
  page,
  programme,
  central,
  words,
  browser,
}) => {
  await share(programme, 0);
  const { centre } = await sent(programme);
  await portal.signIn('reviewer', '/review');
  await openVisit(portal, page, centre);

  const context = await browser.newContext({ reducedMotion: 'reduce' });
  const second = await context.newPage();
  const theirs = new Portal(second, words, central, () =>
    programme.addPerson('reviewer', { ar: 'منى الحداد', en: 'Mona Haddad' }),
  );
  await theirs.signIn('reviewer', '/review');
  await expect(row(second, centre)).toContainText(words.language === 'ar' ? 'نورة' : 'Noura');
  await row(second, centre).getByRole('link').click();
  await expect(theirs.text('error_review_taken')).toBeVisible();
  await theirs.button('review_take_over').click();
  const dialog = second.getByRole('dialog');
  await dialog.getByRole('textbox').fill('في إجازة');
  await theirs.button('review_take_over', {}, dialog).click();
  await expect(theirs.text('review_findings_title')).toBeVisible();

  // The first decides on what is no longer theirs: refused by name, and what they wrote stays.
  await portal.field('review_question_whole').fill('لماذا تأخر الوصول؟');
  await portal.button('review_return').click();
  await portal.button('review_return_go').click();
  await expect(portal.text('review_kept_title')).toBeVisible();
  await expect(portal.text('error_review_taken')).toBeVisible();
  await expect(portal.field('review_question_whole')).toHaveValue('لماذا تأخر الوصول؟');
  await expectAccessible(page, 'a decision that came second');
  await context.close();
});

test('a drawn visit is scored blindly by another, then compared', async ({
  portal,
  page,
  programme,
}) => {
  test.setTimeout(120_000);
  await share(programme, 100);
  const { visit, centre } = await sent(programme);
  const first = await programme.reviewer();
  await first.post(`/api/visits/${visit}/review`);
  await first.post(`/api/visits/${visit}/validate`);
  await share(programme, 0);

  await portal.signIn('reviewer', '/review/second');
  await portal.expectTitle('review_second_title');
  await expectAccessible(page, 'what was drawn');
  await row(page, centre).getByRole('link').click();
  await expect(portal.text('review_second_blind')).toBeVisible();
  await expectNobodyNamed(page);
  await expect(page.locator('[aria-pressed="true"]')).toHaveCount(0);
  await expect(page.locator('[data-criterion="A2"]')).toContainText(LONG);
  await expectAccessible(page, 'a blind scoring');

  const step = async (criterion: string, at: number) => {
    await page.locator(`[data-criterion="${criterion}"] .steps button`).nth(at).click();
  };
  const number = async (criterion: string, value: string) => {
    const input = page.locator(`[data-criterion="${criterion}"] input`);
    await input.fill(value);
    await input.press('Enter');
  };
  await step('A1', 0);
  await step('A2', 1);
  await step('A3', 2);
  await step('A4', 1);
  await number('B1', '13');
  await number('B2', '12');
  await number('B3', '75');
  await step('B4', 4);
  const exempt = page.locator('[data-criterion="B5"]');
  await portal.button('visit_na', {}, exempt).click();
  await exempt.getByRole('textbox').fill('لا شاشة في الصورة');
  await portal.button('review_second_reason_save', {}, exempt).click();
  // Each answer is on the server before the next: a reload loses none.
  await expect(portal.button('review_second_submit')).toBeEnabled();
  await page.reload();
  await expect(portal.button('review_second_submit')).toBeEnabled();
  await portal.button('review_second_submit').click();
  await portal.button('review_second_submit_go').click();

  await expect(portal.toast('review_second_submitted')).toBeVisible();
  await expect(row(page, 'A3')).toContainText(portal.words.say('review_beyond'));
  await expect(row(page, 'A2')).not.toContainText(portal.words.say('review_beyond'));
  await page.getByLabel(portal.words.say('review_beyond_only')).check();
  await expect(row(page, 'A2')).toHaveCount(0);
  await expectAccessible(page, 'both scorings');
});
