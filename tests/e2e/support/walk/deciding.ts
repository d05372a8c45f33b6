// The committee’s part of the walk: the results, a meeting from its call to its minutes, publication.

import type { Locator, Page } from '@playwright/test';

import { expect } from '../portal.ts';
import { day } from '../programme.mjs';
import type { Text, VisitedCentre } from '../story.ts';
import { SAID } from './said.ts';
import { choose, confirm, fillBoth, headed, rowOf, type Walk } from './stage.ts';

/** Reads the results, meets, votes, decides and signs the minutes. */
export async function decide(walk: Walk): Promise<void> {
  const { cycle, main, other, people, figures } = walk.story;
  const { take } = walk.stage;
  const { portal, page } = await walk.at('chair', `/committee?cycle=${cycle}`);
  await portal.expectTitle('committee_overview_title');
  await expect(portal.button('committee_step_decide')).toBeDisabled();
  await take(page, 'committee-01-overview');

  await portal.go(`/committee/centres/${cycle}/${main.centre.id}`);
  await headed(page, walk.nameOf(main));
  const tile = page.locator('main').getByRole('link');
  await expect(tile.filter({ hasText: walk.say('committee_score') }).first()).toContainText(
    figures.before.score,
  );
  await expect(tile.filter({ hasText: walk.say('committee_level_computed') })).toContainText(
    walk.said(figures.before.level),
  );
  for (const [pillar, score] of Object.entries(figures.before.pillars)) {
    const head = page.getByRole('rowheader', { name: alone(pillar) });
    await expect(page.getByRole('row').filter({ has: head })).toContainText(score);
  }
  await take(page, 'committee-02-centre');
  await tile.filter({ hasText: walk.say('committee_level_computed') }).click();
  await portal.expectTitle('committee_why_title');
  await take(page, 'committee-03-why');
  await portal.go(`/committee/centres/${cycle}/${other.centre.id}`);
  await headed(page, walk.nameOf(other));
  await expect(tile.filter({ hasText: walk.say('committee_score') }).first()).toContainText(
    figures.other.score,
  );
  const { outcome } = figures.other;
  await expect(tile.filter({ hasText: walk.say('committee_level_computed') })).toContainText(
    outcome ? walk.said(outcome) : walk.say('committee_outcome_decision'),
  );
  await portal.go(`/committee/comparison?cycle=${cycle}`);
  await portal.expectTitle('committee_comparison_title');
  await expect(rowOf(page, walk.nameOf(main))).toContainText(figures.before.score);
  await take(page, 'committee-04-comparison');

  await portal.go(`/committee/meetings?cycle=${cycle}`);
  await portal.button('committee_meeting_call').click();
  const dialog = page.getByRole('dialog');
  await portal.field('committee_meeting_date', dialog).fill(day(0));
  await portal.field('committee_meeting_place', dialog).fill(walk.said(SAID.place));
  for (const centre of [main, other]) {
    await dialog.getByRole('checkbox', { name: walk.nameOf(centre) }).check();
  }
  await take(page, 'committee-05-call');
  await portal.button('committee_meeting_call', {}, dialog).click();
  await portal.expectTitle('committee_meeting_number', { number: 1 });
  for (const { name } of [people.chair, people.member]) {
    const box = page.getByRole('checkbox', { name: walk.said(name) });
    await box.check();
    await expect(box).toBeEnabled();
  }
  await take(page, 'committee-06-attendance');
  await portal.button('committee_meeting_begin').click();
  await expect(portal.text('committee_meeting_open')).toBeVisible();
  const meeting = new URL(page.url()).hash.slice(1);

  await ballot(walk, meeting, main, 'committee_vote_agree');
  await settle(walk, meeting, main, async () => {
    await remark(walk, page, 0, 'improvement', walk.story.criteria.improved, SAID.improved);
    await remark(walk, page, 1, 'strength', walk.story.criteria.strength, SAID.strength);
    await take(page, 'committee-10-decision');
  });
  await ballot(walk, meeting, other, 'committee_vote_no_level');
  await settle(walk, meeting, other, async () => {
    await choose(page, walk.say('committee_ruling_none'));
    await fillBoth(walk, page, walk.say('committee_moderation_reason'), SAID.moderation);
    await take(page, 'committee-11-moderation');
  });

  await portal.button('committee_meeting_end').click();
  await confirm(portal, 'committee_meeting_end_yes');
  await expect(portal.text('committee_meeting_closed')).toBeVisible();
  await portal.link('committee_minutes').click();
  await portal.expectTitle('committee_minutes_of', { number: 1 });
  await expect(page.locator('main')).toContainText(walk.said(SAID.note));
  await take(page, 'committee-12-minutes');
}

/** A letter that is no part of a word. */
const alone = (letter: string) => new RegExp(`(^|[^\\p{L}])${letter}([^\\p{L}]|$)`, 'u');

const itemOf = (page: Page, name: string): Locator => page.getByRole('article', { name });

/** Chair and member vote, neither seeing the other's vote before both are in. */
async function ballot(
  walk: Walk,
  meeting: string,
  of: VisitedCentre,
  vote: 'committee_vote_agree' | 'committee_vote_no_level',
): Promise<void> {
  const { take } = walk.stage;
  const isFirst = of === walk.story.main;
  const chair = await walk.at('chair', meeting);
  const member = await walk.at('member', meeting);
  const name = walk.nameOf(of);
  const theirs = itemOf(member.page, name);
  const own = itemOf(chair.page, name);
  await chair.portal.button('committee_ballot_open', {}, own).click();
  await choose(theirs, walk.say(vote));
  if (isFirst) await take(member.page, 'committee-07-ballot');
  await member.portal.button('committee_vote', {}, theirs).click();
  const voted = { vote: walk.say(vote) };
  await expect(member.portal.text('committee_vote_own', voted, theirs)).toBeVisible();
  await choose(own, walk.say(vote));
  await chair.portal.button('committee_vote', {}, own).click();
  await expect(chair.portal.text('committee_vote_own', voted, own)).toBeVisible();
  await expect(chair.portal.text('committee_votes', {}, own)).toHaveCount(0);
  if (isFirst) await take(chair.page, 'committee-08-voted');
  await chair.portal.button('committee_ballot_close', {}, own).click();
  await expect(chair.portal.text('committee_votes', {}, own)).toBeVisible();
  const note = walk.said(isFirst ? SAID.note : SAID.otherNote);
  await member.portal.field('committee_note_label', theirs).fill(note);
  await member.portal.button('committee_note_add', {}, theirs).click();
  await expect(own).toContainText(note);
  if (isFirst) await take(chair.page, 'committee-09-discussion');
}

/** The chair records what was decided on a centre. */
async function settle(
  walk: Walk,
  meeting: string,
  of: VisitedCentre,
  write: () => Promise<void>,
): Promise<void> {
  const { portal, page } = await walk.at('chair', meeting);
  const item = itemOf(page, walk.nameOf(of));
  await item.getByRole('link', { name: walk.say('committee_decide_go') }).click();
  await portal.expectTitle('committee_decide_title');
  await write();
  await portal.button('committee_decide').click();
  await confirm(portal, 'committee_decide_yes');
  await portal.expectTitle('committee_meeting_number', { number: 1 });
  await expect(portal.text('committee_item_decided', {}, item)).toBeVisible();
}

async function remark(
  walk: Walk,
  page: Page,
  place: number,
  kind: 'strength' | 'improvement',
  criterion: string,
  text: Text,
): Promise<void> {
  await page.getByRole('button', { name: walk.say('committee_remark_add') }).click();
  const form = page.getByRole('group', { name: walk.say('committee_remark'), exact: true });
  const one = form.nth(place);
  await one
    .getByRole('combobox', { name: walk.say('committee_criterion_head') })
    .selectOption(criterion);
  await choose(one, walk.say(`committee_remark_${kind}`));
  await fillBoth(walk, one, walk.say('committee_remark'), text);
}

/** The cycle’s results are settled, and every scorecard goes out at once. */
export async function publish(walk: Walk): Promise<void> {
  const { cycle } = walk.story;
  const { take } = walk.stage;
  const { portal, page } = await walk.at('chair', `/committee?cycle=${cycle}`);
  await portal.button('committee_step_decide').click();
  await confirm(portal, 'committee_step_confirm');
  await expect(
    portal.text('committee_next_step', { step: walk.say('committee_step_publish') }),
  ).toBeVisible();
  await take(page, 'committee-13-settled');

  await portal.go(`/committee/publications?cycle=${cycle}`);
  await choose(page, walk.say('committee_publish_all'));
  await choose(page, walk.say('committee_publish_now'));
  await take(page, 'committee-14-publish');
  await portal.button('committee_publish_now_go').click();
  await confirm(portal, 'committee_publish_yes');
  const list = page.getByRole('table', { name: walk.say('committee_publications_title') });
  await expect(portal.text('committee_publication_published', {}, list)).toBeVisible();

  // With the last of its scorecards the cycle itself is published.
  await portal.go(`/committee?cycle=${cycle}`);
  await expect(
    portal.text('committee_next_step', { step: walk.say('committee_step_close') }),
  ).toBeVisible();
}
