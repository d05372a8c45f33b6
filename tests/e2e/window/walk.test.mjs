// One evaluation in the real window, from the first start to the server's acknowledgement. In the
// middle of it the app dies as a flat battery would end it.

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Central } from '../support/central.mjs';
import { Programme } from '../support/programme.mjs';
import { until } from '../support/processes.mjs';
import { Desk } from './desk.mjs';
import { api, bytesOf, PHOTO, syncToEnd } from './page.mjs';
import { Screen } from './screen.mjs';
import { KEYS } from './webdriver.mjs';

const PASSPHRASE = 'زيتون وياسمين 47';
const NOTE = 'أرضية لامعة، ومقاعد مرتّبة';
const TIMEOUT = { timeout: 60_000 };

let central;
let programme;
let evaluator;
let visit;
let desk;
let session;
let screen;
let kept;

before(async () => {
  central = await Central.start();
  programme = await Programme.setUp(central);
  evaluator = await programme.addPerson('evaluator', { ar: 'مريم الحداد', en: 'Maryam' });
  visit = await programme.assign(evaluator);
  desk = await Desk.set();
  await open();
}, TIMEOUT);

after(async () => {
  if (session) await desk.close(session);
  await desk?.clear();
  await central?.stop();
});

async function open() {
  session = await desk.open();
  screen = new Screen(session);
}

/** What the device knows of the visit, as its page may ask. */
async function view() {
  const { status, json } = await api(session, 'GET', `/visits/${visit}`);
  assert.equal(status, 200);
  return json;
}

test('a device is created and enrolled, and receives its visit', TIMEOUT, async () => {
  await screen.title('app_create_title');
  await screen.type('app_passphrase_new', PASSPHRASE);
  await screen.type('app_passphrase_repeat', PASSPHRASE);
  await screen.press('app_create_understood');
  await screen.press('app_create_go');

  await screen.title('app_enrol_title');
  await screen.type('app_enrol_server', central.address);
  await screen.type('app_enrol_user', evaluator.user);
  await screen.type('app_enrol_password', evaluator.password);
  await screen.type('app_enrol_name', 'حاسوب المقيّمة');
  await screen.press('app_enrol_go');
  await screen.press('app_first_sync_go');
  await screen.title('app_visits_title');
});

test('the visit is accepted, and its times are noted', TIMEOUT, async () => {
  const card = await session.find(`[data-visit="${visit}"]`);
  await card.click();
  await screen.press('visit_accept_interest');
  await screen.press('visit_accept_brief');
  await screen.press('visit_accept');
  await screen.title('visit_times_title');
  for (const moment of ['arrived', 'ticket', 'greeted', 'called']) {
    await screen.press(`visit_moment_${moment}`, 'main');
    await until(moment, async () => (await view()).times.some((time) => time.moment === moment));
  }
});

test('criteria are scored by keys, with a note and a photo', TIMEOUT, async () => {
  await session.run(`(visit) => { location.hash = '#/visits/' + visit + '/score'; }`, visit);
  await session.find('[data-criterion="A1"]');
  await session.run(`() => document.querySelector('[data-criterion="A1"]').focus()`);
  await session.press('1');
  await screen.saved('A1');
  await session.press(KEYS.down, '2');
  await screen.saved('A2');
  await session.press(KEYS.down, '4');
  await screen.saved('A3');
  await session.press('m');
  await until('the note to take the keys', () =>
    session.run(`() => document.activeElement?.tagName === 'TEXTAREA'`),
  );
  await session.press(...NOTE);
  await until('the note', async () => answer(await view(), 'A3').note === NOTE);
  await screen.saved('A3');

  const photo = join(desk.folder, 'المدخل.png');
  await writeFile(photo, PHOTO);
  const picker = await session.find('[data-criterion="A1"] input[type="file"]');
  await picker.type(photo);
  await until('the photo', async () => (await view()).evidence.length === 1);
});

const answer = (seen, criterion) => seen.answers.find((one) => one.criterion === criterion);

test('the app dies the moment an answer shows as saved, and loses nothing', TIMEOUT, async () => {
  const before = await view();
  assert.deepEqual(before.answers.filter(({ criterion }) => criterion !== 'B1').length, 3);
  await session.run(`() => document.querySelector('[data-criterion="A4"]').focus()`);
  await session.press('1');
  await screen.saved('A4');
  await desk.kill(session);

  await open();
  await screen.title('app_unlock_title');
  assert.equal((await api(session, 'GET', '/visits')).status, 423, 'locked again');
  await screen.type('app_passphrase', PASSPHRASE);
  await screen.press('app_unlock_go');
  await screen.title('app_visits_title');

  const now = await view();
  assert.deepEqual(now.times, before.times);
  assert.deepEqual(now.evidence, before.evidence);
  assert.deepEqual(
    now.answers.filter(({ criterion }) => criterion !== 'A4'),
    before.answers,
  );
  assert.equal(answer(now, 'A4').value, true);
  [kept] = now.evidence;
  assert.deepEqual(await bytesOf(session, `/evidence/${kept.sha256}`), PHOTO, 'byte for byte');
});

test('the rest is answered, sealed on the screen and sent', TIMEOUT, async () => {
  for (const moment of ['done', 'left']) {
    await api(session, 'PUT', `/visits/${visit}/times/${moment}`, { at_ms: null });
  }
  for (const [criterion, value] of [
    ['B2', '12'],
    ['B3', '75'],
    ['B4', 'leading'],
    ['B5', true],
  ]) {
    const given = { value, note: 'كما رُصد' };
    const saved = await api(session, 'PUT', `/visits/${visit}/answers/${criterion}`, given);
    assert.equal(saved.status, 200, saved.body);
  }
  assert.deepEqual((await view()).missing, [], 'nothing is missing');

  await session.run(`(visit) => { location.hash = '#/visits/' + visit + '/check'; }`, visit);
  await screen.press('visit_declaration');
  await screen.press('visit_submit');
  await screen.press('visit_submit_confirm', '[role="alertdialog"]');
  await screen.title('visit_sealed_title');

  const { report } = await syncToEnd(session);
  assert.equal(report.files_sent, 1);
  assert.deepEqual(report.differing, [], 'device and server count the same');
  assert.equal((await view()).summary.delivery.state, 'sent');
});

test('the server has the evaluation as it was sealed, and its photo', TIMEOUT, async () => {
  const reviewer = await programme.reviewer();
  const queue = await reviewer.get('/api/review/queue');
  const item = queue.find((one) => one.visit === visit);
  assert.deepEqual([item?.revision, item?.evidence_missing], [1, 0]);

  const { sealed } = await reviewer.post(`/api/visits/${visit}/review`);
  const { seals } = await view();
  assert.equal(sealed.sha256, seals[0].sha256);
  const document = JSON.parse(sealed.document);
  const note = document.answers.find(({ criterion }) => criterion === 'A3').note;
  assert.equal(note, NOTE);
  assert.deepEqual(
    document.evidence.map(({ criterion, sha256 }) => ({ criterion, sha256 })),
    [{ criterion: 'A1', sha256: kept.sha256 }],
  );
  assert.deepEqual(await reviewer.bytes(`/api/evidence/${kept.sha256}`), PHOTO);
});
