// The screens as a person meets them in the window: parts are found by the words on them.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { ROOT, until } from '../support/processes.mjs';

const CONTROLS = 'button, a[href], [role="radio"], [role="checkbox"], input, textarea';

/** The words of a language, by the keys of the files the screens are made of. */
export function wordsOf(language) {
  const folder = join(ROOT, 'ui', 'messages', language);
  const files = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
  const messages = Object.assign({}, ...files.map((text) => JSON.parse(text)));
  return (key) => {
    const words = messages[key];
    if (typeof words !== 'string') throw new Error(`${language} has no plain message ${key}`);
    return words;
  };
}

export class Screen {
  constructor(session, language = 'ar') {
    this.session = session;
    this.say = wordsOf(language);
  }

  /** A control by its name; waits until it is there and can be used. */
  control(key, within = 'body') {
    const name = this.say(key);
    return until(`the control “${name}”`, () =>
      this.session.pick(
        `(controls, within, name) => {
          const read = (text) => text?.replaceAll(/\\s+/g, ' ').trim();
          const place = document.querySelector(within);
          const usable = [...(place?.querySelectorAll(controls) ?? [])].filter((control) =>
            !control.disabled && control.getClientRects().length > 0);
          const isNamed = (fits) => (control) =>
            [control.getAttribute('aria-label'), control.labels?.[0]?.innerText, control.innerText]
              .some((text) => fits(read(text)));
          // A button may say more behind its name: how long it has been, how many there are.
          return usable.find(isNamed((text) => text === name)) ??
            usable.find(isNamed((text) => text?.startsWith(name + ' '))) ?? null;
        }`,
        CONTROLS,
        within,
        name,
      ),
    );
  }

  async press(key, within) {
    const control = await this.control(key, within);
    await control.click();
  }

  async type(key, text) {
    const control = await this.control(key);
    await control.clear();
    await control.type(text);
  }

  /** Waits for a screen by its heading. */
  title(key) {
    const name = this.say(key);
    return until(`the heading “${name}”`, async () => (await this.heading()) === name, 20_000);
  }

  heading() {
    return this.session.run(`() => document.querySelector('h1')?.innerText.trim() ?? null`);
  }

  /** Waits until a criterion's card says that the device has it. */
  saved(criterion) {
    const words = this.say('visit_saved');
    return until(`${criterion} to be saved`, () =>
      this.session.run(
        `(criterion, words) => [...document.querySelectorAll('[data-criterion="' + criterion + '"] *')]
          .some((part) => [...part.childNodes].some(({ nodeType, data }) =>
            nodeType === Node.TEXT_NODE && data.trim() === words))`,
        criterion,
        words,
      ),
    );
  }
}
