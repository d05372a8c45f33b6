// The centre’s part of the walk, and the hearing of its appeal.

import { readFile } from 'node:fs/promises';

import type { Locator, Page } from '@playwright/test';

import { expect, type Portal } from '../portal.ts';
import { day } from '../programme.mjs';
import type { Figures } from '../story.ts';
import { SAID } from './said.ts';
import { choose, confirm, headed, rowOf, type Walk } from './stage.ts';

/** The manager reads the scorecard, opens its document, begins an action and appeals. */
export async function reply(walk: Walk): Promise<void> {
  const { main, criteria, figures } = walk.story;
  const { take } = walk.stage;
  const { portal, page } = await walk.at('manager', '/scorecards');
  await portal.expectTitle('centre_scorecards_title');
  const cards = page.locator('tbody tr');
  await expect(cards, 'a manager sees their own centre alone').toHaveCount(1);
  await expectFigures(walk, cards, figures.before);
  await take(page, 'manager-01-scorecards');

  await cards.getByRole('link').click();
  await headed(page, walk.nameOf(main));
  await expectSummary(walk, page, figures.before);
  await expect(page.getByText(walk.said(SAID.improved))).toBeVisible();
  await expect(page.getByText(walk.said(SAID.strength))).toBeVisible();
  await take(page, 'manager-02-scorecard');
  for (const language of ['ar', 'en'] as const) await openDocument(walk, page, language);

  await portal.go('/centre/actions');
  await portal.expectTitle('centre_actions_title');
  await take(page, 'manager-04-actions');
  await portal.button('centre_action_edit_of', { criterion: criteria.improved }).click();
  const drawer = page.getByRole('dialog');
  await portal.field('centre_action_owner', drawer).fill(walk.said(SAID.owner));
  await portal.field('centre_action_due', drawer).fill(day(30));
  await choose(drawer, walk.say('centre_action_in_progress'));
  await take(page, 'manager-05-action');
  await portal.button('centre_action_save', {}, drawer).click();
  await expect(portal.toast('centre_action_saved')).toBeVisible();
  const action = rowOf(page, criteria.improved);
  await expect(action).toContainText(walk.said(SAID.owner));
  await expect(action).toContainText(walk.say('centre_action_in_progress'));

  await appeal(walk, portal);
}

async function appeal(walk: Walk, portal: Portal): Promise<void> {
  const { page } = portal;
  const { take } = walk.stage;
  const { appealed, dismissed } = walk.story.criteria;
  await portal.go('/scorecards');
  await page.locator('tbody tr').getByRole('link').click();
  await portal.button('centre_window_to_criteria').click();
  const row = rowOf(page, appealed);
  await expect(row).toContainText(walk.story.figures.before.criterion);
  await expect(rowOf(page, dismissed)).toContainText(walk.say('centre_critical_dismissed'));
  await take(page, 'manager-06-criteria');
  await portal.button('centre_appeal_of', { criterion: appealed }, row).click();
  const form = page.getByRole('dialog');
  await portal.field('centre_form_ground', form).selectOption('evidence_ignored');
  await form.getByRole('textbox').fill(walk.said(SAID.statement));
  await take(page, 'manager-07-appeal');
  await portal.button('centre_form_go', {}, form).click();
  await expect(portal.toast('centre_form_done')).toBeVisible();
  await expect(portal.text('centre_appealed', {}, row)).toBeVisible();
}

/** The central team looks first, the committee rules; both see the numbers before and after. */
export async function hear(walk: Walk): Promise<void> {
  const { take } = walk.stage;
  const { before, after } = walk.story.figures;
  const team = await walk.at('team', '/appeals');
  await take(team.page, 'administrator-14-appeals');
  await team.page.locator('tbody th a').click();
  await expect(team.page.getByText(walk.said(SAID.statement))).toBeVisible();
  await choose(team.page, walk.say('appeal_ruling_upheld'));
  await team.portal.field('appeal_correct').selectOption('step:5');
  await team.portal.field('appeal_reason').fill(walk.said(SAID.first));
  await expectChange(walk, team.page, before, after);
  await take(team.page, 'administrator-15-first-ruling');
  await team.portal.button('appeal_go_first').click();
  await confirm(team.portal, 'appeal_go_first');
  await expect(team.portal.toast('appeal_done_first')).toBeVisible();

  const chair = await walk.at('chair', '/appeals');
  await chair.portal.expectTitle('appeal_title');
  await expect(chair.page.locator('tbody tr')).toContainText(walk.say('appeal_state_examined'));
  await take(chair.page, 'committee-15-appeals');
  await chair.page.locator('tbody th a').click();
  await expect(chair.page.getByText(walk.said(SAID.first))).toBeVisible();
  await choose(chair.page, walk.say('appeal_ruling_upheld'));
  await chair.portal.field('appeal_correct').selectOption('step:5');
  await chair.portal.field('appeal_reason').fill(walk.said(SAID.last));
  await expectChange(walk, chair.page, before, after);
  await take(chair.page, 'committee-16-ruling');
  await chair.portal.button('appeal_go_last').click();
  await confirm(chair.portal, 'appeal_go_last');
  await expect(chair.portal.toast('appeal_done_last')).toBeVisible();
}

/** The manager reads the ruling and the new version; the old one stays, under its number. */
export async function readAgain(walk: Walk): Promise<void> {
  const { before, after } = walk.story.figures;
  const { take } = walk.stage;
  const { portal, page } = await walk.at('manager', '/centre/appeals');
  await portal.expectTitle('centre_appeals_title');
  await expect(page.locator('tbody tr')).toContainText(walk.say('appeal_ruling_upheld'));
  await page.locator('tbody th a').click();
  await expect(page.getByText(walk.said(SAID.last))).toBeVisible();
  await expectChange(walk, page, before, after);
  await take(page, 'manager-08-ruling');
  await portal.link('centre_superseded_go').click();
  await headed(page, walk.nameOf(walk.story.main));
  await expect(portal.text('centre_reason')).toBeVisible();
  await expectSummary(walk, page, after);
  await take(page, 'manager-09-new-version');
  await openDocument(walk, page, walk.stage.house.words.language);

  await page.getByRole('tab', { name: walk.say('centre_tab_versions') }).click();
  const version = (number: number) =>
    rowOf(page, walk.say('centre_version', { version: number })).first();
  await expectFigures(walk, version(2), after);
  await expect(version(2)).toContainText(walk.say('centre_this_one'));
  await expectFigures(walk, version(1), before);
  await take(page, 'manager-10-versions');
  await version(1).getByRole('link').click();
  await expect(portal.text('centre_superseded_title')).toBeVisible();
  await expectSummary(walk, page, before);
}

async function expectFigures(walk: Walk, row: Locator, { score, level }: Figures) {
  await expect(row).toContainText(score);
  await expect(row).toContainText(walk.said(level));
}

/** The summary of a scorecard: level, score, and each pillar by its letter. */
async function expectSummary(walk: Walk, page: Page, figures: Figures): Promise<void> {
  const main = page.locator('main');
  await expect(main.locator('.tile').first()).toContainText(figures.score);
  await expect(main.locator('.level')).toContainText(walk.said(figures.level));
  for (const [pillar, score] of Object.entries(figures.pillars)) {
    const bar = page.getByRole('listitem').filter({ has: page.getByText(pillar, { exact: true }) });
    await expect(bar.filter({ hasText: score }).first()).toBeVisible();
  }
}

/** The table of an appeal’s effect. */
async function expectChange(walk: Walk, page: Page, before: Figures, after: Figures) {
  const table = page.getByRole('table', { name: walk.say('appeal_change') }).last();
  const line = (key: Parameters<Walk['say']>[0]) =>
    table.getByRole('row').filter({ has: page.getByRole('rowheader', { name: walk.say(key) }) });
  const pairs = [
    [line('appeal_score_criterion'), before.criterion, after.criterion],
    [line('appeal_score_centre'), before.score, after.score],
    [line('appeal_level'), walk.said(before.level), walk.said(after.level)],
  ] as const;
  for (const [row, from, to] of pairs) {
    await expect(row.getByRole('cell').first()).toContainText(from);
    await expect(row.getByRole('cell').last()).toContainText(to);
  }
}

/** The document of the scorecard on the page is a PDF that the browser is given. */
async function openDocument(walk: Walk, page: Page, language: 'ar' | 'en'): Promise<void> {
  const begun = page.waitForEvent('download');
  const name = walk.say(`centre_pdf_${language}`);
  await page
    .getByRole('button', { name: new RegExp(`^${name}`) })
    .first()
    .click();
  const saved = await begun;
  const bytes = await readFile(await saved.path());
  expect(bytes.subarray(0, 5).toString(), saved.suggestedFilename()).toBe('%PDF-');
  expect(saved.suggestedFilename()).toMatch(new RegExp(`-${language}\\.pdf$`));
}
