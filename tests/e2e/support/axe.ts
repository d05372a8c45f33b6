// The rules of WCAG 2.2 AA that a machine can judge.

import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
/** All that a theme can break: themes are sets of colours and nothing else. */
const OF_COLOURS = ['color-contrast', 'link-in-text-block'];

/** Holds what is on the screen against the rules: all of them in light, those of colours in each theme. */
export async function expectAccessible(page: Page, where: string): Promise<void> {
  const html = page.locator('html');
  const before = (await html.getAttribute('data-theme')) ?? 'light';
  const dress = (theme: string) =>
    html.evaluate((root, theme) => {
      root.dataset.theme = theme;
    }, theme);
  for (const theme of ['light', 'dark', 'contrast']) {
    await dress(theme);
    // There are no frames, so the page itself can finish; otherwise each run opens a page of its own.
    const rules = new AxeBuilder({ page }).setLegacyMode(true);
    const { violations } = await (
      theme === 'light' ? rules.withTags(TAGS) : rules.withRules(OF_COLOURS)
    ).analyze();
    const told = violations.flatMap(({ id, help, nodes }) =>
      nodes.map(
        (node) => `${id} (${help}): ${node.target.join(' ')}\n   ${node.failureSummary ?? ''}`,
      ),
    );
    expect.soft(told, `${where}, ${theme}: rules of WCAG 2.2 AA`).toEqual([]);
  }
  await dress(before);
}
