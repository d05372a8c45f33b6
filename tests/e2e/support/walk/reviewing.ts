// The reviewer’s part of the walk, and the step of the cycle that follows it.

import { expect, type Portal } from '../portal.ts';
import type { VisitedCentre } from '../story.ts';
import { SAID } from './said.ts';
import { confirm, headed, rowOf, type Walk } from './stage.ts';

/** Takes both visits, asks about one, rules on the critical hits, and validates. */
export async function review(walk: Walk): Promise<void> {
  const { main, other, criteria } = walk.story;
  const { take } = walk.stage;
  const { portal, page } = await walk.at('reviewer', '/review');
  await portal.expectTitle('review_queue_title');
  for (const { centre } of [main, other]) await expect(rowOf(page, centre.code)).toBeVisible();
  await take(page, 'reviewer-01-queue');

  await openVisit(portal, other);
  await take(page, 'reviewer-02-visit');
  const asked = page.locator(`[data-criterion="${criteria.confirmed}"]`);
  await portal.button('review_ask_of', { criterion: criteria.confirmed }, asked).click();
  await asked.getByRole('textbox').last().fill(walk.said(SAID.question));
  await take(page, 'reviewer-03-question');
  await portal.button('review_return').click();
  await take(page, 'reviewer-04-return');
  await confirm(portal, 'review_return_go');
  await expect(portal.toast('review_done_returned')).toBeVisible();
  await expect(rowOf(page, other.centre.code)).toHaveCount(0);

  // The evaluator answers on their device, as any evaluator does.
  const answers = other.wish.answers.map((answer) =>
    answer.criterion === criteria.confirmed ? { ...answer, note: walk.said(SAID.answer) } : answer,
  );
  await other.worker.submit(other.visit, { ...other.wish, answers }, 2);
  await portal.button('review_refresh').click();
  await openVisit(portal, other);
  await expect(portal.text('review_changed', {}, asked)).toBeVisible();
  await expect(asked).toContainText(walk.said(SAID.question));
  await rule(walk, portal, criteria.confirmed, 'confirm', walk.said(SAID.confirmed));
  await take(page, 'reviewer-06-confirmed');
  await validate(portal);

  await openVisit(portal, main);
  await expect(portal.like('review_hits_open', { count: 1 })).toBeVisible();
  await rule(walk, portal, criteria.dismissed, 'dismiss', walk.said(SAID.dismissed), async () => {
    await take(page, 'reviewer-05-critical');
  });
  await page.getByRole('heading', { name: walk.say('review_decide') }).scrollIntoViewIfNeeded();
  await take(page, 'reviewer-07-validate');
  await validate(portal);

  await portal.go('/review/history');
  await portal.expectTitle('review_history_title');
  for (const key of ['review_deed_validated', 'review_deed_returned'] as const) {
    await expect(portal.text(key).first()).toBeVisible();
  }
  await take(page, 'reviewer-09-history');
}

async function openVisit(portal: Portal, { centre }: VisitedCentre): Promise<void> {
  await rowOf(portal.page, centre.code).getByRole('link').click();
  await headed(portal.page, centre.name[portal.words.language]);
  await expect(portal.text('review_findings_title')).toBeVisible();
}

async function rule(
  walk: Walk,
  portal: Portal,
  criterion: string,
  ruling: 'confirm' | 'dismiss',
  reason: string,
  before: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const card = portal.page.locator(`[data-criterion="${criterion}"]`);
  const file = card.getByRole('list').getByRole('button');
  if ((await file.count()) > 0) await file.first().click();
  await card.getByLabel(walk.say('review_critical_reason', { criterion })).fill(reason);
  await before();
  const [deed, done] =
    ruling === 'confirm'
      ? (['review_critical_confirm', 'review_critical_confirmed'] as const)
      : (['review_critical_dismiss', 'review_critical_dismissed'] as const);
  await portal.button(deed, {}, card).click();
  await expect(portal.text(done, {}, card)).toBeVisible();
}

async function validate(portal: Portal): Promise<void> {
  await portal.button('review_validate').click();
  await confirm(portal, 'review_validate_go');
  await expect(portal.toast('review_done_validated').last()).toBeVisible();
  await portal.expectTitle('review_queue_title');
}

/** Ends field work: no visit is open, and the cycle goes to the committee. */
export async function endFieldWork(walk: Walk): Promise<void> {
  const { portal, page } = await walk.at('administrator', `/admin/cycles/${walk.story.cycle}`);
  await expect(portal.text('admin_need_settled_met')).toBeVisible();
  await walk.stage.take(page, 'administrator-13-close');
  await portal.button('admin_step_close_field_work').click();
  await confirm(portal, 'admin_step_confirm');
  const state = walk.say('committee_stage_reviewing');
  await expect(portal.toast('admin_stepped', { state })).toBeVisible();
  await expect(portal.button('admin_step_close_field_work')).toHaveCount(0);
}
