// A passphrase given at the start: it opens the device, and no process keeps it.

import assert from 'node:assert/strict';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { Desk, family } from './desk.mjs';
import { api } from './page.mjs';

const PASSPHRASE = 'تين وزيتون 31';

test('a passphrase in the environment opens the device and stays nowhere', async (t) => {
  const desk = await Desk.set();
  t.after(() => desk.clear());
  const first = await desk.open();
  const created = await api(first, 'POST', '/create', { passphrase: PASSPHRASE });
  assert.equal(created.json.phase, 'unlocked');
  await access(join(desk.home, 'keys.json'));
  await desk.close(first);

  const second = await desk.open({ MIZAN_PASSPHRASE: PASSPHRASE });
  assert.equal((await api(second, 'GET', '/state')).json.phase, 'unlocked');
  const processes = await family(second.app);
  assert.ok(processes.length >= 3, 'the app, and WebKit for the page and for the network');
  for (const pid of processes) {
    for (const shown of ['environ', 'cmdline']) {
      const text = await readFile(`/proc/${pid}/${shown}`, 'utf8');
      assert.ok(!text.includes(PASSPHRASE), `${shown} of ${pid}`);
    }
  }
  await desk.close(second);

  const third = await desk.open({ MIZAN_PASSPHRASE: 'another one altogether' });
  assert.equal((await api(third, 'GET', '/state')).json.phase, 'locked', 'the window asks for it');
  await desk.close(third);
});
