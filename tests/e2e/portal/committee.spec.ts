// The committee's working day over the real server: the cycle at a glance, a centre down to its evidence,
// the comparison, a meeting from its call to its minutes, and publication; a chair and a member at once.

import { readFileSync } from 'node:fs';

import type { Locator, Page } from '@playwright/test';

import { IN_PERSON } from '../fixtures/rubrics.mjs';
import { expectAccessible } from '../support/axe.ts';
import type { Session } from '../support/central.mjs';
import { reviewedCycle, type ReviewedCycle } from '../support/committee.ts';
import { expect, Portal, test } from '../support/portal.ts';
import type { Words } from '../support/words.ts';

test.use({ contextOptions: { reducedMotion: 'reduce' } });

interface Scorecard {
  score: string;
  coverage: string;
  pillars: { id: string; score: string }[];
}
interface CentrePage {
  scorecard: Scorecard;
  sha256: string;
}

const nameOf = (words: Words, name: { ar: string; en: string }) => name[words.language];

/** What the rubric calls a pillar or a criterion, beside its letter. */
function named(words: Words, id: string): string {
  const pillar = IN_PERSON.pillars.find((one) => one.id === id);
  const all = IN_PERSON.pillars.flatMap(({ criteria }) => criteria);
  const found = pillar ?? all.find((one) => one.id === id);
  return `\u2068${id}\u2069 ${found ? nameOf(words, found.name) : 'no such criterion'}`;
}

/** Nobody of the field is named anywhere. */
async function expectNobodyNamed(page: Page): Promise<void> {
  const told = await page.locator('body').innerText();
  expect(told).not.toContain('Zayd');
  expect(told).not.toContain('زيد');
}

async function centrePage(session: Session, { cycle }: ReviewedCycle, centre: string) {
  return await session.get<CentrePage>(`/api/cycles/${cycle}/centres/${centre}`);
}

/** A centre on the agenda. */
const itemOf = (page: Page, name: string): Locator => page.getByRole('article', { name });

/** Why a publication is taken back. */
const WHY = 'بطاقة أحد المراكز تحتاج إلى مراجعة';

async function confirm(page: Page, portal: Portal, key: Parameters<Portal['button']>[0]) {
  await portal.button(key, {}, page.getByRole('alertdialog')).click();
}

test('a day of the committee: from the overview to a publication that is out', async ({
  portal,
  page,
  words,
  central,
  browser,
}) => {
  test.setTimeout(120_000);
  const reviewed = await reviewedCycle(central);
  const { cycle, centres, programme, employed } = reviewed;
  const [first, second] = centres;
  const say = words.say;

  // The overview: what is done, and what the next step waits for.
  const chair = await portal.signIn('committee_chair', `/committee?cycle=${cycle}`);
  const session = await central.signIn(chair.user, chair.password);
  await portal.expectTitle('committee_overview_title');
  await expect(portal.text('committee_blocker_centres', { count: 2 })).toBeVisible();
  await expect(portal.button('committee_step_decide')).toBeDisabled();
  await expectAccessible(page, 'the overview');
  await expectNobodyNamed(page);

  // A centre: its numbers are the server's.
  const told = await centrePage(session, reviewed, first.id);
  await page
    .getByRole('link', { name: nameOf(words, first.name) })
    .first()
    .click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(nameOf(words, first.name));
  const main = page.locator('main');
  const score = main
    .getByRole('link')
    .filter({ hasText: say('committee_score') })
    .first();
  await expect(score).toContainText(told.scorecard.score);
  for (const pillar of told.scorecard.pillars) {
    const row = page.getByRole('row').filter({
      has: page.getByRole('link', { name: named(words, pillar.id) }),
    });
    await expect(row).toContainText(pillar.score);
  }
  await expectAccessible(page, 'a centre');
  await expectNobodyNamed(page);

  // From the level to the evidence in four clicks.
  await page
    .getByRole('link')
    .filter({ hasText: say('committee_level_computed') })
    .click();
  await portal.expectTitle('committee_why_title');
  const step = (text: string) =>
    page.locator('main').getByRole('table').getByRole('link', { name: text });
  await step(named(words, 'A')).click();
  await expect(portal.text('committee_rule_weighted_mean')).toBeVisible();
  await expectAccessible(page, 'how a pillar came about');
  await step(named(words, 'A1')).click();
  await step(say('app_kind_unannounced')).click();
  await expect(page.locator('.viewer img').first()).toBeVisible();
  await expectAccessible(page, 'an answer and its evidence');
  await expectNobodyNamed(page);

  // The comparison, sorted by a pillar and saved as a file.
  await portal.go(`/committee/comparison?cycle=${cycle}`);
  await portal.expectTitle('committee_comparison_title');
  const rows = page.locator('tbody tr');
  await expect(rows.first()).toContainText(nameOf(words, first.name));
  await expect(rows.first()).toContainText(told.scorecard.score);
  const pillar = named(words, 'A');
  await page.getByRole('columnheader', { name: pillar }).getByRole('button').click();
  await expect(rows.first()).toContainText(nameOf(words, second.name));
  const saved = page.waitForEvent('download');
  await portal.button('portal_table_export').click();
  const csv = readFileSync(await (await saved).path(), 'utf8');
  expect(csv).toContain(told.scorecard.score);
  await expectAccessible(page, 'the comparison');

  await portal.go(`/committee/readings?cycle=${cycle}`);
  await portal.expectTitle('committee_readings_title');
  const type = say('committee_experience_in_person');
  await expect(page.getByRole('rowheader', { name: type })).toBeVisible();
  await expectAccessible(page, 'the readings');

  // A meeting is called, attended and opened.
  await portal.go(`/committee/meetings?cycle=${cycle}`);
  await portal.button('committee_meeting_call').click();
  const dialog = page.getByRole('dialog');
  await portal.button('committee_meeting_call', {}, dialog).click();
  await expect(portal.text('committee_meeting_date_needed', {}, dialog)).toBeVisible();
  await portal.field('committee_meeting_date', dialog).fill('2026-12-01');
  await portal.field('committee_meeting_place', dialog).fill('قاعة الاجتماعات');
  await portal.button('committee_choose_all', {}, dialog).click();
  await expectAccessible(page, 'calling a meeting');
  await portal.button('committee_meeting_call', {}, dialog).click();
  await portal.expectTitle('committee_meeting_number', { number: 1 });
  await expect(portal.button('committee_meeting_begin')).toBeDisabled();

  const mona = await programme.addPerson('committee_member', {
    ar: 'منى الحداد',
    en: 'Mona Haddad',
  });
  await page.reload();
  const present = [say('portal_role_committee_chair'), nameOf(words, mona.name)];
  for (const name of [...present, nameOf(words, employed.name)]) {
    const box = page.getByRole('checkbox', { name }).last();
    await box.check();
    await expect(box).toBeEnabled();
  }
  await portal.button('committee_meeting_begin').click();
  await expect(portal.text('committee_meeting_open')).toBeVisible();
  const item = itemOf(page, nameOf(words, first.name));
  await expect(item).toContainText(say('committee_ground_agency'));
  await expect(item).toContainText(nameOf(words, employed.name));

  // The ballot goes before the discussion: nobody sees another's vote.
  await portal.button('committee_ballot_open', {}, item).click();
  await expect(portal.button('committee_vote', {}, item)).toBeVisible();
  const context = await browser.newContext({ reducedMotion: 'reduce' });
  const other = await context.newPage();
  const member = new Portal(other, words, central, () => Promise.resolve(mona));
  const address = new URL(page.url()).hash.slice(1);
  await member.signIn('committee_member', address);
  const theirs = itemOf(other, nameOf(words, first.name));
  await expect(member.button('committee_ballot_close', {}, theirs)).toHaveCount(0);
  await theirs.getByRole('radio', { name: say('committee_vote_no_level') }).check({ force: true });
  await member.button('committee_vote', {}, theirs).click();
  await expect(
    member.text('committee_vote_own', { vote: say('committee_vote_no_level') }, theirs),
  ).toBeVisible();
  await portal.button('committee_vote', {}, item).click();
  await expect(
    portal.text('committee_vote_own', { vote: say('committee_vote_agree') }, item),
  ).toBeVisible();
  await expect(portal.text('committee_votes', {}, item)).toHaveCount(0);
  await expect(portal.text('committee_votes_cast', { cast: 2, voters: 2 }, item)).toBeVisible();
  await expectAccessible(page, 'an open ballot');

  // Once closed, the votes are there for both, without anybody asking again.
  await portal.button('committee_ballot_close', {}, item).click();
  await expect(portal.text('committee_votes', {}, item)).toBeVisible();
  await expect(member.text('committee_votes', {}, theirs)).toBeVisible();
  await member.field('committee_note_label', theirs).fill('نوقش وضوح اللوحات.');
  await member.button('committee_note_add', {}, theirs).click();
  await expect(item).toContainText('نوقش وضوح اللوحات.');

  // The decision, beside the computed level and with a reason.
  await item.getByRole('link', { name: say('committee_decide_go') }).click();
  await portal.expectTitle('committee_decide_title');
  await page
    .getByRole('radio', { name: say('committee_ruling_level'), exact: true })
    .check({ force: true });
  await portal.button('committee_decide').click();
  await expect(portal.text('committee_fault_level')).toBeVisible();
  await page.getByRole('combobox', { name: say('committee_level') }).selectOption('silver');
  const reason = { what: say('committee_moderation_reason') };
  await page.getByLabel(say('committee_in_arabic', reason)).fill('مواءمة مع الدورة الماضية');
  await page.getByLabel(say('committee_in_english', reason)).fill('In line with the last cycle');
  await portal.button('committee_remark_add').click();
  const remark = { what: say('committee_remark') };
  await page.getByLabel(say('committee_in_arabic', remark)).fill('تضاف لوحة عند الإشارة');
  await page.getByLabel(say('committee_in_english', remark)).fill('Add a sign at the lights');
  await expectAccessible(page, 'a decision');
  await portal.button('committee_decide').click();
  await confirm(page, portal, 'committee_decide_yes');
  await portal.expectTitle('committee_meeting_number', { number: 1 });
  await expect(portal.text('committee_item_decided', {}, item)).toBeVisible();
  await member.field('committee_dissent_label', theirs).fill('كنت أرى ألا يمنح مستوى.');
  await member.button('committee_dissent_add', {}, theirs).click();
  await expect(item).toContainText('كنت أرى ألا يمنح مستوى.');

  // The other centre, by the same way without the pages.
  const meeting = address.split('/').at(-1) ?? '';
  const path = `/api/meetings/${meeting}/centres/${second.id}`;
  const monas = await central.signIn(mona.user, mona.password);
  await session.post(`${path}/step`, { event: 'open_ballot' });
  for (const voter of [session, monas]) await voter.post(`${path}/vote`, { choice: 'agree' });
  await session.post(`${path}/step`, { event: 'close_ballot' });
  const { sha256 } = await centrePage(session, reviewed, second.id);
  await session.post(`/api/cycles/${cycle}/centres/${second.id}/decision`, {
    scorecard_sha256: sha256,
  });
  await expect(
    portal.text('committee_item_decided', {}, itemOf(page, nameOf(words, second.name))),
  ).toBeVisible();
  await expectAccessible(page, 'a meeting whose agenda is settled');
  await portal.button('committee_meeting_end').click();
  await confirm(page, portal, 'committee_meeting_end_yes');
  await expect(portal.text('committee_meeting_closed')).toBeVisible();

  // The minutes are those of the server, to the letter.
  await portal.link('committee_minutes').click();
  await portal.expectTitle('committee_minutes_of', { number: 1 });
  await expect(page.locator('main')).toContainText('كنت أرى ألا يمنح مستوى.');
  await expectAccessible(page, 'the minutes');
  const file = page.waitForEvent('download');
  await portal.button('committee_minutes_download').click();
  const minutes: unknown = JSON.parse(readFileSync(await (await file).path(), 'utf8'));
  expect(minutes).toEqual(await session.get(`/api/meetings/${meeting}/minutes`));

  // The cycle takes its step; what is scheduled can be taken back, what is due goes out by itself.
  await portal.go(`/committee?cycle=${cycle}`);
  await portal.button('committee_step_decide').click();
  await confirm(page, portal, 'committee_step_confirm');
  await expect(
    portal.text('committee_next_step', { step: say('committee_step_publish') }),
  ).toBeVisible();

  await portal.go(`/committee/publications?cycle=${cycle}`);
  await page
    .getByRole('radio', { name: say('committee_publish_chosen'), exact: true })
    .check({ force: true });
  await portal.button('committee_publish_at_go').click();
  await expect(portal.text('committee_publish_choose')).toBeVisible();
  await page.getByRole('checkbox', { name: nameOf(words, first.name) }).check();
  await portal.field('committee_publish_day').fill('2099-01-01');
  await expectAccessible(page, 'scheduling a publication');
  await portal.button('committee_publish_at_go').click();
  await confirm(page, portal, 'committee_publish_yes');
  const list = page.getByRole('table', { name: say('committee_publications_title') });
  await expect(portal.text('committee_publication_scheduled', {}, list)).toBeVisible();
  await portal.button('committee_publication_cancel', {}, list).click();
  await page.getByRole('textbox', { name: say('committee_publication_cancel_reason') }).fill(WHY);
  await confirm(page, portal, 'committee_publication_cancel_yes');
  await expect(list.getByText(WHY)).toBeVisible();
  await expect(portal.text('committee_publication_cancelled', {}, list)).toBeVisible();

  await session.post(`/api/cycles/${cycle}/publications`, {
    centres: [second.id],
    at: Date.now() + 4_000,
  });
  await expect(portal.text('committee_publication_scheduled', {}, list)).toBeVisible();
  await expect(portal.text('committee_publication_published', {}, list)).toBeVisible();
  await page
    .getByRole('radio', { name: say('committee_publish_all'), exact: true })
    .check({ force: true });
  await page
    .getByRole('radio', { name: say('committee_publish_now'), exact: true })
    .check({ force: true });
  await portal.button('committee_publish_now_go').click();
  await confirm(page, portal, 'committee_publish_yes');
  await expect(portal.text('committee_publication_published', {}, list)).toHaveCount(2);
  await expectAccessible(page, 'what is out');

  // What the pages show is what was published.
  const published =
    await session.get<{ scorecard: Scorecard & { centre: string } }[]>('/api/scorecards');
  for (const centre of centres) {
    const card = published.find(({ scorecard }) => scorecard.centre === centre.code)?.scorecard;
    await portal.go(`/committee/centres/${cycle}/${centre.id}`);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(nameOf(words, centre.name));
    const past = page.getByRole('table', { name: say('committee_history') });
    await expect(past).toContainText(card?.score ?? 'nothing was published');
  }
  await context.close();
});

test('a member reads and leads nothing; the central team maps two rubrics', async ({
  portal,
  page,
  words,
  central,
  people,
}) => {
  test.setTimeout(120_000);
  const { programme, cycle, centres } = await reviewedCycle(central);
  const [, second] = IN_PERSON.pillars[0]?.criteria ?? [];
  const later = {
    ...IN_PERSON,
    version: '1.1.0',
    pillars: IN_PERSON.pillars.map((pillar) => ({
      ...pillar,
      criteria: pillar.criteria.map((one) => (one.id === second?.id ? { ...one, id: 'A9' } : one)),
    })),
  };
  const rubric = await programme.administrator.post<{ sha256: string }>('/api/rubrics', later);
  const next = await programme.administrator.post<{ id: string }>('/api/cycles', {
    number: `${Date.now() % 1e9}n`,
    name: { ar: 'الدورة الخامسة', en: 'Cycle 5' },
    programme: { ar: 'برنامج التقييم', en: 'Evaluation programme' },
    rubrics: [rubric.sha256],
    centres: centres.map(({ id }) => id),
  });

  await portal.signIn('committee_member', `/committee?cycle=${cycle}`);
  await expect(portal.like('committee_step_of')).toBeVisible();
  await expect(portal.button('committee_step_decide')).toHaveCount(0);
  await portal.go(`/committee/centres/${cycle}/${centres[0].id}`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(nameOf(words, centres[0].name));
  await expect(portal.link('committee_decide_go')).toHaveCount(0);
  await portal.go(`/committee/centres/${cycle}/${centres[0].id}/decision`);
  await portal.expectTitle('portal_not_found_title');
  await portal.go(`/committee/meetings?cycle=${cycle}`);
  await expect(portal.text('committee_meetings_none_wait')).toBeVisible();
  await expect(portal.button('committee_meeting_call')).toHaveCount(0);

  // Like for like with the cycle before.
  await portal.go(`/committee/since?cycle=${next.id}`);
  await portal.expectTitle('committee_since_title');
  await portal.field('committee_since_earlier').selectOption(cycle);
  await expect(page.locator('tbody')).toContainText(nameOf(words, centres[0].name));
  await expectAccessible(page, 'two cycles like for like');
  await portal.go(`/committee/mapping?cycle=${next.id}&earlier=${cycle}`);
  const row = page.getByRole('row').filter({ hasText: 'A9' });
  await expect(row).toContainText(words.say('committee_likeness_new'));
  await expect(portal.button('committee_mapping_save')).toHaveCount(0);
  await portal.signOut();

  await portal.enter(await people('central_team'));
  await expect(portal.navigation()).toBeAttached();
  await portal.go(`/committee/mapping?cycle=${next.id}&earlier=${cycle}`);
  const choice = page.getByLabel(words.say('committee_mapping_becomes', { criterion: 'A2' }));
  await choice.selectOption('A9');
  await expectAccessible(page, 'a mapping');
  await portal.button('committee_mapping_save').click();
  await expect(portal.text('committee_mapping_saved').first()).toBeVisible();
  await expect(portal.text('committee_mapping_edited')).toBeVisible();
  await page.reload();
  await expect(choice).toHaveValue('A9');
  await portal.button('committee_mapping_reset').click();
  await confirm(page, portal, 'committee_mapping_reset_yes');
  await expect(portal.text('committee_mapping_automatic')).toBeVisible();
});
