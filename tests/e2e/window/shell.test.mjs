// The shell by itself: the window opens, the page reaches the device's router and nothing else.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { until } from '../support/processes.mjs';
import { Desk } from './desk.mjs';
import { api, invoke } from './page.mjs';

let desk;
let session;

before(async () => {
  desk = await Desk.set();
  session = await desk.open({ MIZAN_TEST_CAMERA: '1' });
});

after(async () => {
  if (session) await desk.close(session);
  await desk?.clear();
});

test('the window shows the page that is built in', async () => {
  assert.match(await session.location(), /^tauri:\/\/localhost/);
  const drawn = await session.run('() => document.visibilityState');
  assert.equal(drawn, 'visible', 'the window is shown once its page stands');
});

test('the router answers through the command', async () => {
  const state = await api(session, 'GET', '/state');
  assert.equal(state.status, 200);
  assert.equal(state.type, 'application/json');
  assert.equal(state.json.phase, 'new');
});

test('the router alone decides what is unknown', async () => {
  assert.equal((await api(session, 'GET', '/no-such-thing')).status, 404);
});

test('a path of neither device nor server is refused by the shell', async () => {
  const outcome = await session.run(`() => window.__TAURI_INTERNALS__
    .invoke('api', new Uint8Array(), { headers: { method: 'GET', path: '/api/other/cycles' } })
    .then(() => 'answered', (refusal) => refusal)`);
  assert.deepEqual(outcome, { code: 'host.bad_call', params: { reason: 'path' } });
});

test('commands the page does not need are refused', async () => {
  const refused = [
    ['plugin:window|set_title', { label: 'main', value: 'x' }],
    ['plugin:webview|create_webview_window', { options: { label: 'other', url: 'index.html' } }],
    ['plugin:app|version', {}],
    ['plugin:path|resolve_directory', { directory: 11 }],
    ['plugin:event|emit', { event: 'file-drop', payload: {} }],
    ['plugin:dialog|open', { options: {} }],
    ['plugin:log|log', { level: 3, message: 'x' }],
    ['plugin:window-state|save_window_state', { flags: 1 }],
    ['plugin:fs|read_text_file', { path: '/etc/hostname' }],
    ['no_such_command', {}],
  ];
  for (const [command, args] of refused) {
    const { refusal } = await invoke(session, command, args);
    assert.match(String(refusal), /not allowed|not found/, command);
  }
});

test('a file that was not dropped cannot be read', async () => {
  for (const file of ['1-0', '0-0', '%2Fetc%2Fhostname']) {
    const refusal = await session.run(
      `(file) => window.__TAURI_INTERNALS__
        .invoke('dropped_file', new Uint8Array(), { headers: { file } })
        .then(() => 'read', (refusal) => refusal)`,
      file,
    );
    assert.deepEqual(refusal, { code: 'host.no_such_file', params: {} });
  }
});

test('the content security policy stops inline scripts, eval and strangers', async () => {
  const told = await session.run(`async () => {
    const blocked = [];
    addEventListener('securitypolicyviolation', (event) => blocked.push(event.effectiveDirective));
    const script = document.createElement('script');
    script.textContent = 'window.ranInline = true';
    document.body.append(script);
    let evaluated = false;
    try { evaluated = (0, eval)('true'); } catch { /* refused */ }
    const image = new Image();
    const loaded = new Promise((resolve) => {
      image.onload = () => resolve(true);
      image.onerror = () => resolve(false);
    });
    image.src = 'http://127.0.0.1:9/a.png';
    const fetched = await fetch('http://127.0.0.1:9/').then(() => true, () => false);
    const outcome = { inline: window.ranInline === true, evaluated, loaded: await loaded, fetched };
    await new Promise((resolve) => setTimeout(resolve));
    return { outcome, blocked: blocked.map((directive) => directive.split('-src')[0]) };
  }`);
  assert.deepEqual(told.outcome, {
    inline: false,
    evaluated: false,
    loaded: false,
    fetched: false,
  });
  for (const directive of ['script', 'img', 'connect']) {
    assert.ok(
      told.blocked.includes(directive),
      `${directive} was blocked by the policy: ${told.blocked}`,
    );
  }
});

test('a style attribute works, because components set widths that way', async () => {
  const width = await session.run(`() => {
    const box = document.createElement('div');
    box.innerHTML = '<b style="display:block;width:123px">x</b>';
    document.body.append(box);
    const { width } = box.firstChild.getBoundingClientRect();
    box.remove();
    return width;
  }`);
  assert.equal(width, 123);
});

test('the page cannot be led elsewhere', async (t) => {
  const visits = [];
  const stranger = createServer((asked, answer) => {
    visits.push(asked.url);
    answer.end('<title>stranger</title>');
  }).listen(0, '127.0.0.1');
  await once(stranger, 'listening');
  t.after(() => stranger.close());

  const address = `http://127.0.0.1:${stranger.address().port}`;
  await session.run(
    `(address) => {
    const link = document.createElement('a');
    document.body.append(link);
    for (const [path, target] of [['/here', '_self'], ['/window', '_blank']]) {
      link.href = address + path;
      link.target = target;
      link.click();
    }
    link.remove();
    window.open(address + '/opened');
    return new Promise((resolve) => setTimeout(resolve, 300));
  }`,
    address,
  );
  assert.match(await session.location(), /^tauri:\/\/localhost/);
  assert.equal((await session.get('/window/handles')).length, 1, 'no second window');
  assert.deepEqual(visits, [], 'nobody was asked for anything');
});

test('the camera gives a picture', async () => {
  const seen = await session.run(`async () => {
    const stream = await navigator.mediaDevices.getUserMedia({ video: true });
    const [track] = stream.getVideoTracks();
    const { width, height } = track.getSettings();
    track.stop();
    return { width, height };
  }`);
  assert.ok(seen.width > 0 && seen.height > 0, JSON.stringify(seen));
});

test('bytes cross in both directions as they are', async () => {
  // The echo of a path that does not exist is enough for the way there: the router reads no body.
  const told = await session.run(`async () => {
    const bytes = new Uint8Array(5 << 20).map((_, index) => index * 31);
    const headers = { method: 'POST', path: '/api/device/no-such-thing', type: 'image/jpeg' };
    const answer = await window.__TAURI_INTERNALS__.invoke('api', bytes, { headers });
    return { isBuffer: answer instanceof ArrayBuffer, status: new DataView(answer).getUint16(0) };
  }`);
  assert.deepEqual(told, { isBuffer: true, status: 404 }, 'the raw transport is in use');
});

test('the log is in clear, so it tells of the start and of no call', async () => {
  const logs = join(desk.environment.XDG_DATA_HOME, 'org.mizan.desktop', 'logs');
  const [name] = await until('a log', () => readdir(logs));
  const text = await readFile(join(logs, name), 'utf8');
  assert.match(text, /version \d+\.\d+\.\d+ started/);
  assert.doesNotMatch(text, /api|state|no-such-thing/);
});
