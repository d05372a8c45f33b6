// What lies between the window and the desktop around it, with a real mouse and keyboard: files
// dropped, the dialog that saves, a second start, what is left on the disk.

import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';

import { run, until } from '../support/processes.mjs';
import { APP, Desk, family } from './desk.mjs';

/** The process of this name that an app started, if there is one. */
async function processNamed(name, app) {
  for (const pid of await family(app)) {
    const called = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
    if (name.startsWith(called.trim()) && called !== '') return pid;
  }
  return undefined;
}

const BYTES = Buffer.from([0xff, 0xd8, 0xff, 0x00, 0x0a, 0x80]);

describe('with a page under a driver', { timeout: 60_000 }, () => {
  let desk;
  let session;

  before(async () => {
    desk = await Desk.set();
    session = await desk.open();
  });
  after(async () => {
    if (session) await desk.close(session);
    await desk?.clear();
  });

  test('a dropped file reaches the page by name, and its bytes by its id', async () => {
    const file = join(desk.folder, 'إيصال الخدمة.jpg');
    await writeFile(file, BYTES);
    await session.run(`async () => {
      window.drops = [];
      const handler = window.__TAURI_INTERNALS__.transformCallback((event) => window.drops.push(event.payload));
      await window.__TAURI_INTERNALS__.invoke('plugin:event|listen',
        { event: 'file-drop', target: { kind: 'Any' }, handler });
    }`);

    // Debian's own Python, because it is the one that has GTK.
    const script = new URL('drag_source.py', import.meta.url).pathname;
    const source = desk.start('/usr/bin/python3', [script, file]);
    assert.equal(await source.line(), 'ready');
    await desk.mouse('mousemove', '20', '20', 'mousedown', '1');
    // A drag begins with a movement and is told of by movements.
    for (const x of [40, 200, 300, 400, 410, 420])
      await desk.mouse('mousemove', `${x}`, '300', 'sleep', '0.05');
    await desk.mouse('mouseup', '1');

    const drop = await until('the drop', () =>
      session.run(`() => window.drops.find((drop) => drop.phase === 'drop')`),
    );
    const place = await session.run(`() => ({ x: window.screenX, y: window.screenY })`);
    assert.deepEqual(
      drop.files.map(({ name, bytes }) => ({ name, bytes })),
      [{ name: 'إيصال الخدمة.jpg', bytes: BYTES.length }],
    );
    assert.deepEqual({ x: drop.x + place.x, y: drop.y + place.y }, { x: 420, y: 300 });
    const phases = await session.run(`() => window.drops.map((drop) => drop.phase)`);
    assert.equal(phases[0], 'over', 'the page learns of the drag before the drop');

    const read = await session.run(
      `async (file) => Array.from(new Uint8Array(await
      window.__TAURI_INTERNALS__.invoke('dropped_file', new Uint8Array(), { headers: { file } })))`,
      drop.files[0].id,
    );
    assert.deepEqual(Buffer.from(read), BYTES);
    assert.match(await session.location(), /^tauri:\/\/localhost/, 'the page stays where it is');
  });

  /** Lets the page ask for a place; the test is the person in front of the dialog. */
  async function save(name, person) {
    await session.run(
      `(name, bytes) => {
      window.saved = undefined;
      window.__TAURI_INTERNALS__
        .invoke('save_file', new Uint8Array(bytes), { headers: { name: encodeURIComponent(name) } })
        .then((saved) => { window.saved = { saved }; }, (refusal) => { window.saved = { refusal }; });
    }`,
      name,
      [...BYTES],
    );
    await desk.focusDialog();
    await person();
    return until('the answer', () => session.run('() => window.saved'));
  }

  test('a file is saved under the name the page proposes, in the folder the person opens', async () => {
    const folder = join(desk.folder, 'stick');
    await mkdir(folder);
    const told = await save('mizan-حزمة.mizb', async () => {
      // The proposed name is selected; Home goes before it.
      await desk.mouse('key', 'Home', 'sleep', '0.2');
      await desk.mouse('type', `${folder}/`);
      await desk.mouse('sleep', '0.5', 'key', 'Return');
    });
    assert.deepEqual(told, { saved: true });
    assert.deepEqual(await readdir(folder), ['mizan-حزمة.mizb'], 'one file, and nothing beside it');
    assert.deepEqual(await readFile(join(folder, 'mizan-حزمة.mizb')), BYTES);
  });

  test('a person who closes the dialog has saved nothing', async () => {
    const told = await save('a.mizb', () => desk.mouse('key', 'Escape'));
    assert.deepEqual(told, { saved: false });
  });
});

describe('as people start it', { timeout: 60_000 }, () => {
  let desk;

  beforeEach(async () => {
    desk = await Desk.set({ automated: false });
  });

  test('the page leaves nothing on the disk', async (t) => {
    t.after(() => desk.clear());
    const app = desk.start(APP);
    await desk.window(app.child.pid);
    app.child.kill('SIGTERM');
    await app.ended;

    const own = join(desk.environment.XDG_DATA_HOME, 'org.mizan.desktop');
    const log = await readFile(join(own, 'logs', 'Mizan.log'), 'utf8');
    assert.match(log, /started/);
    assert.doesNotMatch(log, /ended/, 'it was ended from outside, as a crash would');
    assert.doesNotMatch(log, /not private/, 'WebKit says so of its page');
    const entries = await readdir(own, { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.path, entry.name).slice(own.length + 1));
    // WebKit makes these, empty but for random salt, for pages that are not private; there is none.
    const left = files.filter((file) => !file.endsWith('/salt') && file !== 'hsts-storage.sqlite');
    assert.deepEqual(left, ['logs/Mizan.log']);
  });

  test('a page whose process dies comes back, and the log has both that and the end', async (t) => {
    t.after(() => desk.clear());
    const app = desk.start(APP);
    const window = (await desk.window(app.child.pid)).split('\n')[0];
    const pageOf = () => processNamed('WebKitWebProcess', app.child.pid);
    const first = await until('the page', pageOf);
    process.kill(first, 'SIGKILL');
    await until('another page', async () => {
      const now = await pageOf();
      return now !== undefined && now !== first;
    });
    const closing = new URL('close_window.py', import.meta.url).pathname;
    await run('python3', [closing, window], desk.environment);
    assert.deepEqual(await app.ended, [0, null]);
    const own = join(desk.environment.XDG_DATA_HOME, 'org.mizan.desktop');
    const log = await readFile(join(own, 'logs', 'Mizan.log'), 'utf8');
    assert.match(log, /started[^]*the page's process ended[^]*\bended\n/);
  });

  test('a second start brings the first window forward and ends', async (t) => {
    t.after(() => desk.clear());
    const bus = await desk.bus();
    const environment = { DBUS_SESSION_BUS_ADDRESS: bus };
    const first = desk.start(APP, [], environment);
    await desk.window(first.child.pid);
    const second = desk.start(APP, [], environment);
    assert.deepEqual(await second.ended, [0, null]);
    assert.equal(first.isOver, false, 'the first goes on');

    const other = { ...environment, MIZAN_HOME: join(desk.folder, 'other') };
    const third = desk.start(APP, [], other);
    await desk.window(third.child.pid);
    assert.equal(third.isOver, false, 'another home is an app of its own');
  });

  test('an argument nobody knows ends with words and code 2', async (t) => {
    t.after(() => desk.clear());
    const app = desk.start(APP, ['--hme', 'x']);
    assert.deepEqual(await app.ended, [2, null]);
    assert.match(app.said, /--hme/);
  });
});
