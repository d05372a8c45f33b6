// The served description of the API against the server that serves it: Schemathesis makes requests out of
// it, good ones and bad ones, as everybody who matters, and holds every answer against it.

import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { Central } from '../support/central.mjs';
import { Program, ROOT, temporaryFolder } from '../support/processes.mjs';
import { Programme } from '../support/programme.mjs';

const TARGET = process.env.CARGO_TARGET_DIR ?? join(ROOT, 'target');
/** `make test` sets it up. */
const SCHEMATHESIS = join(TARGET, 'schemathesis/bin/schemathesis');
const HOOKS = fileURLToPath(new URL('hooks.py', import.meta.url));

/** A run that goes further, and elsewhere each time. */
const IS_LONG = process.env.MIZAN_SOAK !== undefined;
const EXAMPLES = IS_LONG ? 300 : 5;
const SEED = IS_LONG ? Date.now() % 1e9 : 20_261_101;

/** Ends the session it is asked in, and so is asked last. */
const SIGN_OUT = 'sign_out';
/** Has no end while the session lasts; whoever has none is answered at once, and asks it here. */
const EVENTS = 'events';
const EVERYTHING_ELSE = ['--exclude-operation-id', SIGN_OUT, '--exclude-operation-id', EVENTS];

let central;
let folder;
let people;
let config;

before(async () => {
  central = await Central.start();
  folder = await temporaryFolder('schemathesis');
  const programme = await Programme.setUp(central);
  const evaluator = await programme.addPerson('evaluator');
  const visit = await programme.assign(evaluator);
  const [centre] = programme.centres;
  const manager = await programme.addPerson('manager');
  people = { evaluator, manager };
  // Somebody nobody else needs: administrators close accounts.
  const { id: person } = await programme.addPerson('evaluator');
  const things = { cycle: programme.cycle.id, visit, centre: centre.id, person };
  const fixed = await readFile(new URL('schemathesis.toml', import.meta.url), 'utf8');
  config = join(folder.path, 'schemathesis.toml');
  await writeFile(config, `${fixed.replace('$HOOKS', HOOKS)}\n${known(things)}`);
});

after(async () => {
  await central.stop();
  await folder.remove();
});

/** Ids of what there is, so that not every path leads nowhere. */
function known(things) {
  const lines = Object.entries(things).map(
    ([name, id]) =>
      `[dictionaries.${name}]\nvalues = ["${id}"]\n` +
      `[parameters."path.${name}"]\ndictionary = "${name}"\nprobability = 0.7\n`,
  );
  return lines.join('\n');
}

/** Runs Schemathesis on a description, with a session or without one: how it ended and what it said. */
async function run(description, token, options) {
  const session = token === undefined ? [] : ['--header', `Authorization: Bearer ${token}`];
  const program = new Program(
    SCHEMATHESIS,
    [
      ...['--config-file', config, 'run', description, '--url', central.address, '--no-color'],
      ...['--seed', String(SEED), '--max-examples', String(EXAMPLES)],
      ...['--generation-database', 'none', ...session, ...options],
    ],
    { NO_PROXY: '127.0.0.1', HYPOTHESIS_STORAGE_DIRECTORY: folder.path },
  );
  let said = '';
  for await (const line of program.lines) said += `${line}\n`;
  const [code] = await program.ended;
  return { code, said: `seed ${SEED}\n${said}\n${program.said}` };
}

/** Every answer is as the served description has it. */
async function isAsDescribed(token, options) {
  const { code, said } = await run(`${central.address}/api/openapi.json`, token, options);
  assert.equal(code, 0, said);
  const [, count] = /(\d+) generated, \1 passed/.exec(said) ?? [];
  assert.ok(Number(count) > 0, said);
}

test('an evaluator is answered as described', async () => {
  const { user, password } = people.evaluator;
  await isAsDescribed((await central.signIn(user, password)).token, EVERYTHING_ELSE);
});

test('a manager is answered as described', async () => {
  const { user, password } = people.manager;
  await isAsDescribed((await central.signIn(user, password)).token, EVERYTHING_ELSE);
});

test('whoever has no session is answered as described', async () => {
  await isAsDescribed(undefined, []);
});

test('an answer that is not as described is found', async () => {
  const response = await fetch(`${central.address}/api/openapi.json`);
  const description = await response.json();
  description.components.schemas.AgencyJson.required.push('colour');
  const file = join(folder.path, 'wrong.json');
  await writeFile(file, JSON.stringify(description));
  const { token } = await central.administrator();
  const { code, said } = await run(file, token, ['--include-operation-id', 'agencies']);
  assert.equal(code, 1, said);
  assert.match(said, /"colour" is a required property/);
});

// The last: it closes the accounts it finds.
test('an administrator is answered as described', async () => {
  const { token } = await central.administrator();
  await isAsDescribed(token, EVERYTHING_ELSE);
  await isAsDescribed(token, ['--include-operation-id', SIGN_OUT]);
});
