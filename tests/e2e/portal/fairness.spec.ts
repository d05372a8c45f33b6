// How far a cycle's numbers can be trusted: what was planted is found and said in plain words, nobody is
// named, and nothing is told of evaluators who never met.

import { readFileSync } from 'node:fs';

import type { Page } from '@playwright/test';

import { expectAccessible } from '../support/axe.ts';
import { reviewedCycle } from '../support/committee.ts';
import { fairCycle, MISREAD } from '../support/fairness.ts';
import { expect, test } from '../support/portal.ts';

test.use({ contextOptions: { reducedMotion: 'reduce' } });

interface Fairness {
  severity: { state: string; evaluators: { evaluator: string; is_apart: boolean }[] };
  criteria: { criterion: string; is_weak: boolean }[];
  centres: { code: string; would_differ: boolean }[];
}

async function expectNobodyNamed(page: Page): Promise<void> {
  const told = await page.locator('body').innerText();
  expect(told).not.toContain('Zayd');
  expect(told).not.toContain('زيد الخفي');
}

test('the fairness of a cycle: who is apart, what is read otherwise, whose level hangs on it', async ({
  portal,
  page,
  words,
  central,
}) => {
  test.setTimeout(180_000);
  const { cycle, centres } = await fairCycle(central);
  const { say } = words;
  const chair = await portal.signIn('committee_chair', `/committee/fairness?cycle=${cycle}`);
  const session = await central.signIn(chair.user, chair.password);
  const told = await session.get<Fairness>(`/api/cycles/${cycle}/fairness/in_person`);
  const apart = told.severity.evaluators.filter((one) => one.is_apart);
  expect(told.severity.state).toBe('estimated');
  expect(apart).toHaveLength(1);
  expect(told.criteria.filter((one) => one.is_weak).map((one) => one.criterion)).toEqual([MISREAD]);

  await portal.expectTitle('committee_fair_title');
  const evaluators = page.getByRole('table', { name: say('committee_fair_severity') });
  const harsh = evaluators.getByRole('row').filter({ hasText: apart[0]?.evaluator ?? '?' });
  await expect(harsh).toContainText(say('committee_fair_says_apart'));
  await expect(harsh.getByRole('img')).toHaveAccessibleName(words.like('committee_fair_harsher'));
  const usual = evaluators.getByText(say('committee_fair_says_usual'));
  await expect(usual).toHaveCount(told.severity.evaluators.length - 1);

  const criteria = page.getByRole('table', { name: say('committee_fair_agreement') });
  const first = criteria.locator('tbody tr').first();
  await expect(first).toContainText(MISREAD);
  await expect(first).toContainText(say('committee_fair_agree_weak'));

  const scores = page.getByRole('table', { name: say('committee_fair_adjusted') });
  await expect(scores.locator('tbody tr')).toHaveCount(centres.length);
  const differing = told.centres.filter((one) => one.would_differ).length;
  expect(differing).toBeGreaterThan(0);
  await expect(scores.getByText(words.like('committee_fair_would_differ'))).toHaveCount(differing);
  await expect(portal.text('committee_fair_informs')).toBeVisible();
  const pairs = page.getByRole('table', { name: say('committee_fair_pairs') });
  await expect(pairs).toContainText(MISREAD);
  await expect(portal.text('committee_fair_likeness_none')).toBeVisible();
  await expectAccessible(page, 'fairness');
  await expectNobodyNamed(page);

  // By keyboard: the tables scroll in themselves, and a centre is a Tab and an Enter away.
  const link = scores.getByRole('link').first();
  const name = (await link.textContent()) ?? '';
  await scores.locator('..').focus();
  await page.keyboard.press('Tab');
  await expect(link).toBeFocused();

  const saved = page.waitForEvent('download');
  await portal.button('committee_fair_export').click();
  const table = readFileSync(await (await saved).path(), 'utf8');
  expect(table.split('\n')[0]).toBe('unit,person,rater,item,kind,value,score');
  expect(table).not.toContain('Zayd');

  // The centre: its range, and what would change its level.
  await link.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(name);
  await expect(portal.text('committee_sure_of_score')).toBeVisible();
  await expect(page.getByRole('heading', { name: say('committee_levers') })).toBeVisible();
  await expect(page.getByRole('heading', { name: say('committee_levers_up') })).toBeVisible();
  const without = page.getByRole('region', { name: say('committee_levers_without') });
  await expect(without.getByRole('listitem')).toHaveCount(3);
  await expectAccessible(page, 'a centre with what would change its level');
  await expectNobodyNamed(page);

  // The comparison shows ranges, and who cannot be told apart.
  await portal.go(`/committee/comparison?cycle=${cycle}`);
  await portal.expectTitle('committee_comparison_title');
  const places = page.getByRole('columnheader', { name: say('committee_sure_alike') });
  await expect(places).toBeVisible();
  const range = words.like('committee_sure_from_to');
  await expect(page.locator('tbody tr').first().getByText(range).first()).toBeVisible();
  await page.getByText(say('committee_sure_groups')).click();
  await expect(portal.text('committee_sure_groups_lead')).toBeVisible();
  await expectAccessible(page, 'the comparison with ranges');
});

test('evaluators who never met are named and not compared; managers find no such page', async ({
  portal,
  page,
  words,
  central,
}) => {
  test.setTimeout(120_000);
  const { cycle } = await reviewedCycle(central);
  await portal.signIn('committee_member', `/committee/fairness?cycle=${cycle}`);
  await portal.expectTitle('committee_fair_title');
  await expect(portal.text('committee_fair_disconnected')).toBeVisible();
  const group = words.like('committee_fair_subset');
  await expect(page.getByRole('heading', { level: 3, name: group })).toHaveCount(2);
  await expect(page.getByRole('table', { name: words.say('committee_fair_severity') })).toHaveCount(
    0,
  );
  await expect(portal.text('committee_fair_adjusted_none')).toBeVisible();
  await expect(portal.text('committee_fair_pairs_none')).toBeVisible();
  await expectAccessible(page, 'fairness of evaluators who never met');
  await expectNobodyNamed(page);
  await portal.signOut();
  await portal.signIn('manager', `/committee/fairness?cycle=${cycle}`);
  await portal.expectTitle('portal_not_found_title');
});
