// A person without a mouse: everything by keys, moving as the focus moves.

import { expect, type Locator, type Page } from '@playwright/test';

const FAR = 80;

export class Keys {
  readonly #page: Page;

  private constructor(page: Page) {
    this.#page = page;
  }

  /** Takes the keyboard in hand; from here on a pointer in the page is a fault. */
  static async of(page: Page): Promise<Keys> {
    await page.addInitScript(() => {
      for (const kind of ['pointerdown', 'mousedown', 'touchstart']) {
        addEventListener(kind, () => console.error(`a pointer was used: ${kind}`), true);
      }
    });
    return new Keys(page);
  }

  /** Presses keys one after another. */
  async press(...keys: string[]): Promise<void> {
    for (const key of keys) await this.#page.keyboard.press(key);
  }

  /** Presses a key while an Arabic layout is on: another letter at the same place. */
  async pressArabic(code: string, letter: string): Promise<void> {
    const session = await this.#page.context().newCDPSession(this.#page);
    for (const type of ['keyDown', 'keyUp'] as const) {
      await session.send('Input.dispatchKeyEvent', { type, code, key: letter });
    }
    await session.detach();
  }

  /** Types where the focus is. */
  async type(text: string): Promise<void> {
    await this.#page.keyboard.insertText(text);
  }

  /** Types over what a field holds. */
  async replace(text: string): Promise<void> {
    await this.press('Control+a');
    await this.type(text);
  }

  /** Tabs until something has the focus; fails when the keyboard does not get there. */
  async to(target: Locator, back = false): Promise<void> {
    await expect(target).toBeVisible();
    for (let tabs = 0; tabs < FAR; tabs += 1) {
      if (await target.evaluate((element) => element === document.activeElement)) {
        await this.#expectSeen();
        return;
      }
      await this.press(back ? 'Shift+Tab' : 'Tab');
    }
    throw new Error(`${FAR} tabs did not reach ${target}`);
  }

  /** Tabs to something and presses it. */
  async enter(target: Locator, key = 'Enter'): Promise<void> {
    await this.to(target);
    await this.press(key);
  }

  /** Whatever has the focus shows it and is not behind something else. */
  async #expectSeen(): Promise<void> {
    const fault = await this.#page.evaluate(() => {
      const element = document.activeElement;
      if (!(element instanceof HTMLElement)) return 'nothing has the focus';
      const box = element.getBoundingClientRect();
      const isHidden = box.width <= 1 || box.height <= 1;
      const shown = isHidden ? (element.nextElementSibling ?? element) : element;
      const style = getComputedStyle(shown);
      const hasOutline = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
      if (!hasOutline && style.boxShadow === 'none') {
        return `no sign of the focus on ${element.outerHTML.slice(0, 200)}`;
      }
      const middle = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
      if (!isHidden && middle && !element.contains(middle) && !middle.contains(element)) {
        return `${element.outerHTML.slice(0, 120)} is behind ${middle.outerHTML.slice(0, 120)}`;
      }
      return null;
    });
    expect(fault, 'the focus is seen').toBeNull();
  }
}
