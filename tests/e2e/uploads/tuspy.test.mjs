// tuspy against the server: cut off, it goes on where it stopped.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { Program, ROOT } from '../support/processes.mjs';
import { digest, Field, HEADS, PART, photo } from './field.mjs';
import { Line } from './line.mjs';

/** `make test` sets it up. */
const PYTHON = join(process.env.CARGO_TARGET_DIR ?? join(ROOT, 'target'), 'tuspy/bin/python');
const SCRIPT = fileURLToPath(new URL('send.py', import.meta.url));

let field;
let line;
let token;

before(async () => {
  field = await Field.begin();
  line = await Line.to(field.central.port);
  token = await field.token();
});

after(async () => {
  await line.remove();
  await field.remove();
});

/** Sends a file, from where `url` stands if it is given: the upload's address, and the error if any. */
async function send(file, sha256, { url = '', part = 2 ** 30, checksum = false } = {}) {
  const args = [SCRIPT, `${line.address}/api/evidence/uploads`, file, sha256, url, String(part)];
  const environment = { TOKEN: token, CHECKSUM: checksum ? '1' : '', NO_PROXY: '127.0.0.1' };
  const program = new Program(PYTHON, args, environment);
  const said = await program.line();
  await program.ended;
  return JSON.parse(said);
}

test('cut off in the middle and taken up again, a file is sent once', async () => {
  const bytes = photo(11, 1_500_000);
  const file = await field.file('one.jpg', bytes);
  line.breakAfter(700_000);
  const before = line.sent;
  const cut = await send(file, digest(bytes));
  assert.ok(cut.error && cut.url, JSON.stringify(cut));
  const resumed = await send(file, digest(bytes), { url: cut.url });
  assert.equal(resumed.error, undefined);
  assert.ok(resumed.from > 0 && resumed.from <= 700_000, `it went on from ${resumed.from}`);
  const again = line.sent - before - bytes.length;
  assert.ok(again <= PART + HEADS, `${again} bytes more than the file went over the line`);
  const report = await field.makeVisit([file]);
  assert.equal(JSON.parse(report).files_sent, 0, 'the device finds it there');
  assert.equal(await field.missing(), 0);
  assert.ok((await field.read(digest(bytes))).equals(bytes), 'byte for byte');
});

test('in parts with checksums a cut costs the part that was under way', async () => {
  const bytes = photo(12, 1_000_000);
  const file = await field.file('two.jpg', bytes);
  line.breakAfter(600_000);
  const before = line.sent;
  const cut = await send(file, digest(bytes), { part: PART, checksum: true });
  assert.ok(cut.error && cut.url, JSON.stringify(cut));
  const resumed = await send(file, digest(bytes), { url: cut.url, part: PART, checksum: true });
  assert.equal(resumed.error, undefined);
  assert.equal(resumed.from, 2 * PART, 'whole parts with a right checksum');
  const again = line.sent - before - bytes.length;
  assert.ok(again <= PART + HEADS, `${again} bytes more than the file went over the line`);
});
