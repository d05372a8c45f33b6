// Pictures of the portal's pages that the guides do not show: empty, full, long, narrow. For people to look
// at before a release; nothing compares them.

import type { Page } from '@playwright/test';

import { Central } from '../support/central.mjs';
import { expect, test, windowOf, type House, type OpenWindow } from '../support/portal.ts';
import type { Session } from '../support/central.mjs';
import { decide, publish } from '../support/walk/deciding.ts';
import { hear, readAgain, reply } from '../support/walk/replying.ts';
import { endFieldWork, review } from '../support/walk/reviewing.ts';
import { Walk } from '../support/walk/stage.ts';
import { lookingCamera, type Take } from './camera.ts';
import { realisticStory } from './realisticStory.ts';

let central: Central;
test.beforeEach(async () => {
  central = await Central.start();
});
test.afterEach(async () => {
  await central.stop();
});

const HEIGHT = 860;

/** The whole of a page, however long it is. */
async function whole(take: Take, page: Page, name: string): Promise<void> {
  await expect(page.locator('#main h1').first()).toBeVisible();
  await expect(page.locator('[aria-busy="true"]')).toHaveCount(0);
  const width = page.viewportSize()?.width ?? 1280;
  const extra = await page.evaluate(() => {
    const main = document.getElementById('main');
    return main ? main.scrollHeight - main.clientHeight : 0;
  });
  await page.setViewportSize({ width, height: Math.min(HEIGHT + extra, 3200) });
  await take(page, name);
  await page.setViewportSize({ width, height: HEIGHT });
}

/** Every page of a list, as somebody sees it. */
async function tour(take: Take, { portal, page }: OpenWindow, name: string, pages: string[]) {
  for (const where of pages) {
    await portal.go(where);
    const [path = ''] = where.split('?');
    const short = path.replace(/[0-9a-f-]{30,}/g, '_').replaceAll('/', '-');
    const query = where.includes('?') ? `-${where.split('?')[1]?.replace(/\W+/g, '_')}` : '';
    await whole(take, page, `${name}${short}${query.replace(/_?[0-9a-f]{8}_\w+/g, '')}`);
  }
}

test('empty pages', async ({ browser, words, guard }) => {
  test.setTimeout(300_000);
  const take = await lookingCamera(words.language);
  const house: House = { browser, central, words, guard };
  const administrator = await central.administrator();
  const made = async (role: string) => {
    const person = { user: role, password: 'walnut kettle orbit' };
    const name = { ar: 'سارة العلي', en: 'Sara Al-Ali' };
    await administrator.post('/api/people', { ...person, name, role });
    return person;
  };
  const seen: [string, string[]][] = [
    [
      'central_team',
      [
        ...['/admin/cycles', '/admin/visits', '/admin/centres', '/admin/centres?tab=agencies'],
        ...['/admin/people', '/admin/people?tab=devices', '/admin/rubrics'],
        ...['/admin/quarantine', '/appeals', '/committee/mapping', '/no/such/page'],
      ],
    ],
    ['reviewer', ['/', '/review', '/review/second', '/review/history', '/appeals']],
    [
      'committee_chair',
      [
        ...['/committee', '/committee/comparison', '/committee/since', '/committee/readings'],
        ...['/committee/meetings', '/committee/publications', '/scorecards', '/account'],
      ],
    ],
  ];
  for (const [role, pages] of seen) {
    const opened = await windowOf(house, await made(role), '/');
    await tour(take, opened, `empty-${role}`, pages);
    await opened.context.close();
  }
});

test('full pages', async ({ browser, words, guard }) => {
  test.setTimeout(900_000);
  const take = await lookingCamera(words.language);
  const house: House = { browser, central, words, guard };
  const { story, reviewTheRest, decideTheRest } = await realisticStory(
    central,
    browser,
    words.language,
  );
  const { cycle, main, other, people, programme } = story;
  const walk = new Walk({ house, story, take: () => Promise.resolve() });
  const office = await walk.at('administrator', '/admin/cycles');
  const [rubric] = programme.rubrics;
  await tour(take, office, 'admin', [
    ...['/', '/admin/cycles', '/admin/cycles/new', `/admin/cycles/${cycle}`],
    ...[`/admin/visits?cycle=${cycle}`, '/admin/centres', '/admin/centres?tab=agencies'],
    ...['/admin/centres/import', '/admin/people', '/admin/people?tab=devices', '/admin/rubrics'],
    ...[`/admin/rubrics/${rubric?.sha256 ?? ''}`, '/admin/rubrics/compare', '/admin/rubrics/file'],
    ...['/admin/quarantine', '/admin/audit', '/account'],
  ]);
  await drawers(take, office, cycle);

  await review(walk);
  await reviewTheRest();
  const reviewer = await walk.at('reviewer', '/review');
  await tour(take, reviewer, 'review', ['/review', `/review/visits/${main.visit}`]);
  await tour(take, reviewer, 'review', ['/review/second', '/review/history']);
  await reviewer.portal.go('/review/second');
  await reviewer.page.locator('tbody tr').getByRole('link').click();
  await expect(reviewer.portal.text('review_second_blind')).toBeVisible();
  await whole(take, reviewer.page, 'review-blind');

  await endFieldWork(walk);
  const chair = await walk.at('chair', '/committee');
  await tour(take, chair, 'committee-before', [
    `/committee?cycle=${cycle}`,
    `/committee/centres/${cycle}/${other.centre.id}`,
    `/committee/meetings?cycle=${cycle}`,
    `/committee/publications?cycle=${cycle}`,
  ]);
  await decideTheRest();
  await decide(walk);
  await publish(walk);
  const session = await central.signIn(people.chair.user, people.chair.password);
  const meeting = await firstMeeting(session, cycle);
  const later = await programme.administrator.post<{ id: string }>('/api/cycles', {
    number: '5',
    name: { ar: 'الدورة الخامسة', en: 'Cycle 5' },
    programme: { ar: 'برنامج التقييم', en: 'Evaluation programme' },
    rubrics: programme.rubrics.map(({ sha256 }) => sha256),
    centres: programme.centres.map(({ id }) => id),
  });
  const centre = `/committee/centres/${cycle}/${main.centre.id}`;
  await tour(take, chair, 'committee', [
    ...[`/committee?cycle=${cycle}`, `/committee/comparison?cycle=${cycle}`],
    ...[`/committee/since?cycle=${cycle}`, `/committee/readings?cycle=${cycle}`],
    ...[centre, `${centre}/why`, `${centre}/why?pillar=E`, `${centre}/why?pillar=E&criterion=E1`],
    ...[`${centre}/decision`, `/committee/meetings?cycle=${cycle}`],
    ...[`/committee/meetings/${meeting}`, `/committee/meetings/${meeting}/minutes`],
    `/committee/publications?cycle=${cycle}`,
  ]);
  await tour(take, chair, 'committee-next', [
    ...[`/committee/mapping?cycle=${later.id}`, `/committee/since?cycle=${later.id}`],
    `/committee?cycle=${later.id}`,
    ...[`/committee/meetings?cycle=${later.id}`, `/committee/publications?cycle=${later.id}`],
  ]);
  await reply(walk);
  await hear(walk);
  await readAgain(walk);
  const manager = await walk.at('manager', '/scorecards');
  await tour(take, manager, 'centre', ['/', '/scorecards', '/centre/actions', '/centre/appeals']);
  for (const tab of ['', '?tab=criteria', '?tab=versions']) {
    await manager.portal.go('/scorecards');
    await manager.page.locator('tbody tr').first().getByRole('link').click();
    await expect(manager.portal.text('centre_reason')).toBeVisible();
    if (tab) await manager.portal.go(`${new URL(manager.page.url()).hash.slice(1)}${tab}`);
    await whole(take, manager.page, `centre-scorecard${tab.replace('?tab=', '-')}`);
  }
  const team = await walk.at('team', '/appeals');
  await whole(take, team.page, 'appeals');
  await team.page.locator('tbody th a').click();
  await whole(take, team.page, 'appeals-ruled');

  for (const [who, opened] of [
    ['office', office],
    ['chair', chair],
    ['manager', manager],
  ] as const) {
    await opened.page.setViewportSize({ width: 390, height: 844 });
    await opened.portal.go(
      who === 'office' ? `/admin/cycles/${cycle}` : who === 'chair' ? centre : '/scorecards',
    );
    await expect(opened.page.locator('#main h1').first()).toBeVisible();
    await take(opened.page, `narrow-${who}`);
  }
  await walk.close();
});

async function firstMeeting(session: Session, cycle: string): Promise<string> {
  const meetings = await session.get<{ id: string }[]>(`/api/cycles/${cycle}/meetings`);
  return meetings[0]?.id ?? '';
}

/** What opens over the administrator's pages. */
async function drawers(take: Take, { portal, page }: OpenWindow, cycle: string): Promise<void> {
  await portal.go('/admin/people');
  await page.locator('tbody tr').first().getByRole('button').click();
  await take(page, 'admin-drawer-person');
  await page.keyboard.press('Escape');
  await portal.go(`/admin/visits?cycle=${cycle}`);
  await page.locator('tbody tr').first().getByRole('button').click();
  await take(page, 'admin-drawer-visit');
  await page.keyboard.press('Escape');
  const calendar = portal.words.say('admin_view_calendar');
  await page.getByRole('radio', { name: calendar, exact: true }).check({ force: true });
  await take(page, 'admin-calendar');
  await portal.go('/admin/audit');
  await page.locator('tbody tr').first().getByRole('button').click();
  await take(page, 'admin-drawer-audit');
  await page.keyboard.press('Escape');
}
