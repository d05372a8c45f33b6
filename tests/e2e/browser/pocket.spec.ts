// The pocket mode (M7): looked at over a shoulder, it is a list of times and nothing else.

import { expect, test } from '../support/test.ts';

/** Words that would give a visitor away, in the names of things or anywhere in the page. */
const TELL_TALE =
  /سرّ?ي|زيارة|زيارات|مقيّ?م|تقييم|مركز|هيئة|برنامج|ميزان|متسوق|معيار|محور|secret|mystery|shopper|visit|evaluat|centre|center|authority|programme|mizan|rubric|criteri/i;

test('nothing in pocket mode tells what it is for', async ({
  screens,
  page,
  begin,
  device,
  words,
}) => {
  const [visit = ''] = await begin([{}]);
  await device.accept(visit);
  await screens.open(`/visits/${visit}/times`);
  await screens.button('visit_pocket_open').click();
  const pocket = page.getByRole('dialog', { name: words.say('visit_pocket_name') });
  await expect(pocket).toBeVisible();

  await test.step('neither in words nor in names nor in the title', async () => {
    const seen = await page.evaluate(() => {
      const shown = (element: Element) =>
        element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
      const pocket = document.querySelector('dialog[open]');
      const inside = pocket ? [pocket, ...pocket.querySelectorAll('*')].filter(shown) : [];
      const names = ['aria-label', 'title', 'alt', 'placeholder'].flatMap((name) =>
        inside.map((element) => element.getAttribute(name) ?? ''),
      );
      return [pocket?.textContent ?? '', ...names].join('\n');
    });
    expect(seen).not.toMatch(TELL_TALE);
    // The window carries the app's name, a common noun, and nothing beside it.
    expect(await page.title()).toMatch(/^(Mizan|ميزان)$/);
  });

  await test.step('it covers everything else', async () => {
    const box = await pocket.boundingBox();
    expect(box).toEqual({ x: 0, y: 0, width: 1280, height: 860 });
    await expect(page.getByRole('banner')).toHaveCount(0);
    const seen = await page.evaluate(() => {
      const places = [0.02, 0.2, 0.4, 0.6, 0.8, 0.98];
      const points = places.flatMap((x) =>
        places.map((y) => [x * innerWidth, y * innerHeight] as const),
      );
      const outside = points.filter(
        ([x, y]) => !document.elementFromPoint(x, y)?.closest('dialog'),
      );
      return outside.length;
    });
    expect(seen, 'places where something else shows').toBe(0);
  });

  await test.step('one tap notes a moment', async () => {
    await pocket.getByRole('button', { name: words.like('visit_moment_arrived') }).click();
    await expect(
      pocket.getByRole('button', { name: words.like('visit_moment_arrived') }),
    ).toBeDisabled();
    await expect(
      pocket.getByRole('button', { name: words.like('visit_moment_ticket') }),
    ).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(
      pocket.getByRole('button', { name: words.like('visit_moment_ticket') }),
    ).toBeDisabled();
    // Dimmed is what was tapped; kept is what has been committed a moment later.
    const kept = async () => (await device.visit(visit)).times.map(({ moment }) => moment);
    await expect.poll(kept).toEqual(['arrived', 'ticket']);
  });

  await test.step('Escape leaves it', async () => {
    await page.keyboard.press('Escape');
    await expect(pocket).toHaveCount(0);
    await screens.expectTitle('visit_times_title');
    await expect(screens.moment('ticket').locator('time')).toBeVisible();
  });

  await test.step('and its button too', async () => {
    await screens.button('visit_pocket_open').click();
    await pocket
      .getByRole('button', { name: words.say('visit_pocket_leave'), exact: true })
      .click();
    await expect(pocket).toHaveCount(0);
    await expect(page.getByRole('banner')).toBeVisible();
  });
});

test('no title of the page says what the app is used for', async ({
  screens,
  page,
  begin,
  device,
}) => {
  const [visit = ''] = await begin([{}]);
  await device.accept(visit);
  const gives = /سرّ?ي|متسوق|secret|mystery|shopper|unannounced/i;
  for (const where of [
    '/visits',
    `/visits/${visit}/brief`,
    `/visits/${visit}/score`,
    '/sync',
    '/settings',
  ]) {
    await screens.open(where);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    expect(await page.title()).not.toMatch(gives);
  }
});

test('a clock set back makes no negative time', async ({ screens, page, begin, device }) => {
  // The page's own clock is nothing the device goes by.
  const [visit = ''] = await begin([{}]);
  await device.accept(visit);
  await page.clock.setSystemTime(Date.now() - 3_600_000);
  await screens.open(`/visits/${visit}/times`);
  await screens.button('visit_moment_arrived').click();
  await expect(screens.moment('arrived').locator('time')).toBeVisible();
  await page.clock.setSystemTime(Date.now() - 7_200_000);
  await screens.button('visit_moment_ticket').click();
  await expect(screens.moment('ticket').locator('time')).toBeVisible();
  const { times } = await device.visit(visit);
  const at = Object.fromEntries(times.map(({ moment, at_ms }) => [moment, at_ms]));
  expect(at.ticket).toBeGreaterThanOrEqual(at.arrived ?? Infinity);
  expect(Math.abs((at.arrived ?? 0) - Date.now())).toBeLessThan(60_000);
});
