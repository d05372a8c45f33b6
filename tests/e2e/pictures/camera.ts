// The camera of the guides: a picture of a page that is done, small enough for a slow line.

import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, type Page } from '@playwright/test';

import { ROOT } from '../support/processes.mjs';
import type { Language } from '../support/words.ts';
import { drawn } from './drawn.ts';

/** A picture of a guide is looked at on a page, over a slow line too. */
const LARGEST_BYTES = 150_000;

export type Take = (page: Page, name: string) => Promise<void>;

/** A camera that writes to the guides’ pictures of a language. */
export async function guideCamera(language: Language): Promise<Take> {
  const folder = join(ROOT, 'docs', 'guide', 'images', language);
  await mkdir(folder, { recursive: true });
  return async (page, name) => {
    const path = join(folder, `${name}.png`);
    await shoot(page, path);
    const { size } = await stat(path);
    expect.soft(size, `${path} is light enough`).toBeLessThan(LARGEST_BYTES);
  };
}

/** A camera for the pages that no guide shows, for people to look at before a release. */
export async function lookingCamera(language: Language): Promise<Take> {
  const folder = join(ROOT, 'tests', 'e2e', 'pictures', language);
  await mkdir(folder, { recursive: true });
  return (page, name) => shoot(page, join(folder, `${name}.png`));
}

async function shoot(page: Page, path: string): Promise<void> {
  // What was just said would lie over what is shown.
  await expect(page.locator('.toast')).toHaveCount(0);
  await drawn(page);
  await page.screenshot({ path, animations: 'disabled', caret: 'hide' });
}
