// A W3C WebDriver client: what the window's tests need of the protocol, and no dependency.

import { until } from '../support/processes.mjs';

const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';

/** Keys that have no letter, as WebDriver names them. */
export const KEYS = {
  backspace: '\uE003',
  tab: '\uE004',
  enter: '\uE007',
  control: '\uE009',
  alt: '\uE00A',
  escape: '\uE00C',
  up: '\uE013',
  down: '\uE015',
  home: '\uE011',
  end: '\uE010',
};

async function request(method, url, body) {
  const options = { method, headers: { 'content-type': 'application/json' } };
  if (method === 'POST') options.body = JSON.stringify(body ?? {});
  const response = await fetch(url, options);
  const { value } = await response.json();
  if (!response.ok) throw new Error(`${value?.error}: ${value?.message}`);
  return value;
}

/** One element of the page. */
class Element {
  constructor(session, id) {
    this.session = session;
    this.id = id;
  }
  click() {
    return this.session.post(`/element/${this.id}/click`);
  }
  clear() {
    return this.session.post(`/element/${this.id}/clear`);
  }
  type(text) {
    return this.session.post(`/element/${this.id}/value`, { text });
  }
  text() {
    return this.session.get(`/element/${this.id}/text`);
  }
  name() {
    return this.session.get(`/element/${this.id}/computedlabel`);
  }
  role() {
    return this.session.get(`/element/${this.id}/computedrole`);
  }
  rect() {
    return this.session.get(`/element/${this.id}/rect`);
  }
}

/** One session: one start of the app. */
export class Session {
  /** Starts the app through the driver at `driver` (its address). */
  static async open(driver, capabilities) {
    const body = { capabilities: { alwaysMatch: capabilities } };
    const { sessionId } = await request('POST', `${driver}/session`, body);
    const session = new Session(`${driver}/session/${sessionId}`);
    await session.post('/timeouts', { script: 120_000, implicit: 0 });
    return session;
  }

  constructor(url) {
    this.url = url;
  }
  get(path) {
    return request('GET', this.url + path);
  }
  post(path, body) {
    return request('POST', this.url + path, body);
  }
  close() {
    return request('DELETE', this.url);
  }
  location() {
    return this.get('/url');
  }
  go(url) {
    return this.post('/url', { url });
  }

  /** Runs a function in the page and waits for the promise it may return. */
  async run(body, ...given) {
    const script = `const done = arguments[arguments.length - 1];
      const given = Array.from(arguments).slice(0, -1);
      Promise.resolve().then(() => (${body})(...given))
        .then((value) => done({ value }), (error) => done({ error: error?.message ?? JSON.stringify(error) }));`;
    const outcome = await this.post('/execute/async', { script, args: given });
    if ('error' in outcome) throw new Error(`in the page: ${outcome.error}`);
    return outcome.value;
  }

  /** An element that a function in the page picks; `undefined` when it finds none. */
  async pick(body, ...given) {
    const picked = await this.run(body, ...given);
    return picked === null ? undefined : new Element(this, picked[ELEMENT]);
  }

  /** The first element that fits the CSS selector; waits for it. */
  async find(selector, ms = 10_000) {
    return until(`${selector} to be there`, async () => (await this.all(selector))[0], ms);
  }
  async all(selector) {
    const found = await this.post('/elements', { using: 'css selector', value: selector });
    return found.map((element) => new Element(this, element[ELEMENT]));
  }

  /** Presses keys wherever the focus is; keys in one argument are held together. */
  async press(...strokes) {
    const actions = strokes.flatMap((stroke) => {
      const keys = Array.from(stroke);
      return [
        ...keys.map((value) => ({ type: 'keyDown', value })),
        ...keys.toReversed().map((value) => ({ type: 'keyUp', value })),
      ];
    });
    await this.post('/actions', { actions: [{ type: 'key', id: 'keys', actions }] });
  }

  /** A PNG of the page. */
  async picture() {
    return Buffer.from(await this.get('/screenshot'), 'base64');
  }
}
