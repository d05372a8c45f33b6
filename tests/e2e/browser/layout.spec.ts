// Narrow windows and large type, targets that can be hit, stillness for whoever asks for it, and both
// directions from one set of rules.

import type { Page } from '@playwright/test';

import { png } from '../support/files.ts';
import type { Device } from '../support/device.ts';
import { expect, test } from '../support/test.ts';

/** A device with something on every main screen; the screens' addresses. */
async function furnish(device: Device, visit: string, remote: string): Promise<string[]> {
  await device.accept(visit);
  await device.accept(remote);
  await device.answer(visit, 'A1', { value: true, note: 'x'.repeat(300) });
  await device.answer(visit, 'A2', { value: 'partly' });
  await device.attach(visit, 'A1', 'photo', png(51));
  await device.put(`/visits/${visit}/times/arrived`, { at_ms: null });
  await device.post(`/visits/${remote}/contacts`, { channel: 'phone' });
  const steps = ['brief', 'times', 'score', 'check'].map((step) => `/visits/${visit}/${step}`);
  return ['/visits', '/sync', '/conflicts', '/settings', ...steps, `/visits/${remote}/times`];
}

/** What is wider than the window, but for what scrolls in a box of its own. */
function tooWide(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    const scrollsItself = (element: Element | null): boolean =>
      element !== null &&
      element.id !== 'main' &&
      (/(auto|scroll)/.test(getComputedStyle(element).overflowX) ||
        scrollsItself(element.parentElement));
    return [...document.querySelectorAll('body *')]
      .filter((element) => {
        const { left, right, width: own } = element.getBoundingClientRect();
        const isOut = own > 1 && (right > width + 1 || left < -1);
        return isOut && !scrollsItself(element) && element.closest('.visually-hidden') === null;
      })
      .map((element) => `${element.tagName}.${element.className}`.slice(0, 80))
      .concat(document.documentElement.scrollWidth > width ? ['the page scrolls sideways'] : [])
      .slice(0, 5);
  });
}

test('at 320 pixels nothing needs to be scrolled sideways', async ({
  screens,
  page,
  begin,
  device,
}) => {
  const [visit = '', remote = ''] = await begin([{}, { model: 'remote' }]);
  const wheres = await furnish(device, visit, remote);
  // 1280 pixels at 400 %: WCAG 1.4.10.
  await page.setViewportSize({ width: 320, height: 256 * 3 });
  for (const where of wheres) {
    await screens.open(where);
    await expect(page.getByRole('heading', { level: 1 })).toBeAttached();
    await expect(page.locator('main .page, main .score, main .bar').first()).toBeVisible();
    expect.soft(await tooWide(page), where).toEqual([]);
  }
});

test('targets are large enough to hit', async ({ screens, page, begin, device }) => {
  const [visit = '', remote = ''] = await begin([{}, { model: 'remote' }]);
  for (const where of await furnish(device, visit, remote)) {
    await screens.open(where);
    await expect(page.getByRole('heading', { level: 1 })).toBeAttached();
    await expect(page.locator('main .page, main .score').first()).toBeVisible();
    const small = await page.evaluate(() =>
      [...document.querySelectorAll('a[href], button, input, select, textarea, [role="radio"]')]
        .filter((element) =>
          element.checkVisibility({ visibilityProperty: true, opacityProperty: true }),
        )
        // Links in running text are exempt (WCAG 2.5.8); what is hidden has a label that is the target.
        .filter((element) => element.closest('.visually-hidden, p') === null)
        .map((element) =>
          element.matches('input') ? (element.closest('label') ?? element) : element,
        )
        .filter((element) => {
          const { width, height } = element.getBoundingClientRect();
          return (
            width > 0 &&
            (width < 24 || height < 24) &&
            getComputedStyle(element).display !== 'inline'
          );
        })
        .map((element) => element.outerHTML.slice(0, 120)),
    );
    expect.soft(small, where).toEqual([]);
  }
});

test('primary touches are 44 pixels', async ({ screens, begin, device, words }) => {
  const [visit = ''] = await begin([{}]);
  await device.accept(visit);
  await screens.open(`/visits/${visit}/times`);
  const height = async (target: ReturnType<typeof screens.button>) =>
    (await target.boundingBox())?.height ?? 0;
  expect(await height(screens.button('visit_moment_arrived'))).toBeGreaterThanOrEqual(44);
  await screens.step('visit_step_score').click();
  expect(await height(screens.choice('A1', words.say('visit_value_yes')))).toBeGreaterThanOrEqual(
    44,
  );
  expect(await height(screens.choice('A3', '0'))).toBeGreaterThanOrEqual(44);
});

test.describe('with reduced motion', () => {
  test.use({ contextOptions: { reducedMotion: 'reduce' } });

  test('nothing moves', async ({ screens, page, begin, device }) => {
    const [visit = '', remote = ''] = await begin([{}, { model: 'remote' }]);
    for (const where of await furnish(device, visit, remote)) {
      await screens.open(where);
      await expect(page.getByRole('heading', { level: 1 })).toBeAttached();
      const moving = await page.evaluate(() =>
        [...document.querySelectorAll('*')]
          .filter((element) => {
            const { animationName, animationDuration, transitionDuration } =
              getComputedStyle(element);
            const seconds = (text: string) => Math.max(...text.split(',').map(parseFloat));
            const isAnimated = animationName !== 'none' && seconds(animationDuration) > 0.01;
            return isAnimated || seconds(transitionDuration) > 0.01;
          })
          .map((element) => `${element.tagName}.${element.className}`.slice(0, 80))
          .slice(0, 3),
      );
      expect.soft(moving, where).toEqual([]);
    }
  });
});

test('no rule of the styles names left or right', async ({ screens, page, begin }) => {
  await begin([{}]);
  await screens.open('/visits');
  await screens.expectTitle('app_visits_title');
  const physical = await page.evaluate(() => {
    const names =
      /(^|[\s;{-])(left|right)\s*:|(margin|padding|border)-(left|right)\b|(text-align|float|clear):\s*(left|right)\b/;
    const walk = (rules: CSSRuleList): string[] =>
      [...rules].flatMap((rule) => {
        if (rule instanceof CSSStyleRule) return [rule.cssText, ...walk(rule.cssRules)];
        return 'cssRules' in rule ? walk(rule.cssRules as CSSRuleList) : [];
      });
    return [...document.styleSheets]
      .flatMap((sheet) => walk(sheet.cssRules))
      .filter((rule) => names.test(rule));
  });
  expect(physical).toEqual([]);
});

test('the two languages mirror each other', async ({ screens, page, begin, device, words }) => {
  const [visit = ''] = await begin([{}]);
  await device.accept(visit);
  await screens.open(`/visits/${visit}/score`);
  await expect(screens.criterion('A1')).toBeVisible();
  const middle = async (locator: ReturnType<typeof screens.button>) => {
    const box = await locator.boundingBox();
    return box === null ? NaN : box.x + box.width / 2;
  };
  const pillars = await middle(page.getByRole('navigation', { name: words.say('visit_pillars') }));
  const cards = await middle(screens.criterion('A1'));
  const name = await middle(page.getByRole('banner').getByText(words.say('app_name')));
  const lock = await middle(screens.button('app_lock'));
  const isArabic = words.language === 'ar';
  expect(pillars > cards, 'pillars stand where reading begins').toBe(isArabic);
  expect(name > lock, 'the name stands where reading begins').toBe(isArabic);
});

test('without a choice of its own, the app follows the system to dark and to high contrast', async ({
  screens,
  page,
  begin,
}) => {
  await begin([{}], { theme: 'system' });
  await page.emulateMedia({ colorScheme: 'dark' });
  await screens.open('/visits');
  const html = page.locator('html');
  await expect(html).toHaveAttribute('data-theme', 'dark');
  await page.emulateMedia({ colorScheme: 'light' });
  await expect(html).toHaveAttribute('data-theme', 'light');
  await page.emulateMedia({ colorScheme: 'light', contrast: 'more' });
  await expect(html).toHaveAttribute('data-theme', 'contrast');
});
