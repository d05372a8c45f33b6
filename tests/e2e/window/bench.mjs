// What the window costs on a full device: an answer from tap to committed, beside the disk's own
// commit; opening a long visit; a start; memory; bytes of the packages. Prints JSON, then the figures in words. Measures the release build:
// `cargo build --release --workspace` first, `make package` for the sizes. The server and the
// programme are real; the rubric is the shipped one.

import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { large } from '../fixtures/rubrics.mjs';
import { Central } from '../support/central.mjs';
import { run } from '../support/processes.mjs';
import { Programme } from '../support/programme.mjs';
import { Desk, family, TARGET } from './desk.mjs';
import { api, CALL, syncToEnd } from './page.mjs';

const APP = process.env.MIZAN_APP ?? join(TARGET, 'release', 'mizan-desktop');
const PASSPHRASE = 'زيتون وياسمين 47';
const TAPS = 500;
/** So many answers by the screen, then as many by the shell and on the disk. */
const TURN = 10;
const STARTS = 5;
const OPENINGS = 15;
/** What a full device holds besides, and the size of its visits' rubric. */
const VISITS = 200;
const CRITERIA = 1000;
/** An opening may take so long. */
const OPENS_WITHIN_MS = 100;
/** SQLite's log begins anew after so many pages. */
const FRAMES_OF_A_LOG = 1000;
/** What the screen may take on top of the disk: one picture of sixty in a second. */
const GOAL_MS = 16;

const VALUES = {
  yes_no: [true, false],
  met_partly_not: ['met', 'partly', 'not'],
  level_0_5: [0, 1, 2, 3, 4, 5],
  maturity: ['none', 'basic', 'developing', 'maturing', 'leading'],
  timed: ['5', '7.5'],
  percent: ['60', '85'],
};

/** Steps of the scales that are tapped; the others are typed. */
const STEPS = { yes_no: 2, met_partly_not: 3, level_0_5: 6, maturity: 5 };

/** Visits of a rubric far larger than any in use, for one evaluator; their ids. */
async function assignLarge(central, evaluator) {
  const centre = (place) => ({
    code: `L-${place + 1}`,
    model: 'in_person',
    name: { ar: `مركز الخدمة رقم ${place + 1}`, en: `Service Centre number ${place + 1}` },
  });
  const centres = Array.from({ length: VISITS }, (_, place) => centre(place));
  const programme = await Programme.setUp(central, { rubrics: [large(CRITERIA)], centres });
  const visits = [];
  for (let count = 0; count < VISITS; count += 1) visits.push(await programme.assign(evaluator));
  return visits;
}

/** A full device with two accepted visits, as an evaluator would have it on the way. */
async function prepare(session, central, programme) {
  const evaluator = await programme.addPerson('evaluator');
  const visit = await programme.assign(evaluator);
  const [long] = await assignLarge(central, evaluator);
  const said = async (...call) => {
    const answer = await api(session, ...call);
    if (answer.status >= 300) throw new Error(`${call.slice(0, 2)}: ${answer.body}`);
    return answer.json;
  };
  await said('POST', '/create', { passphrase: PASSPHRASE });
  const { user, password } = evaluator;
  const enrolment = { server: central.address, user, password, device_name: 'bench' };
  await said('POST', '/enrol', enrolment);
  await syncToEnd(session);
  const accepted = { no_interest: true, brief_acknowledged: true };
  await said('POST', `/visits/${long}/accept`, accepted);
  const { rubric } = await said('POST', `/visits/${visit}/accept`, accepted);
  const { pillars } = await said('GET', `/rubrics/${rubric.sha256}`);
  const criteria = pillars.flatMap((pillar) => pillar.criteria);
  return { visit, long, criteria: criteria.filter(({ visits }) => visits.includes('unannounced')) };
}

/** Calls that answer criteria in turn, each with another value than before. */
function callsFor({ visit, criteria }) {
  return Array.from({ length: TAPS }, (_, turn) => {
    const { id, scale } = criteria[turn % criteria.length];
    const values = VALUES[scale.kind];
    const value = values[Math.floor(turn / criteria.length) % values.length];
    return [`/visits/${visit}/answers/${id}`, { value }];
  });
}

/** Answers through the shell's command, without the screen; milliseconds of each call. */
function call(session, calls) {
  return session.run(
    `async (calls) => {
      const call = ${CALL};
      const times = [];
      for (const [path, body] of calls) {
        const before = performance.now();
        const { status } = await call('PUT', path, body);
        if (status !== 200) throw new Error(path + ' answered ' + status);
        times.push(performance.now() - before);
      }
      return times;
    }`,
    calls,
  );
}

/** Taps on steps of scales, criterion after criterion, each time another step than the last. */
function tapsFor({ criteria }) {
  const steps = criteria.filter(({ scale }) => STEPS[scale.kind] !== undefined);
  return Array.from({ length: TAPS }, (_, turn) => {
    const { id, scale } = steps[turn % steps.length];
    return [id, Math.floor(turn / steps.length) % STEPS[scale.kind]];
  });
}

/**
 * Taps in the screen as a person does: milliseconds from the press until its card says "saved", which
 * it does once the device has committed. Between two taps the window is drawn, as between a person's.
 */
function tap(session, taps) {
  return session.run(
    `async (taps) => {
      const drawn = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
      const times = [];
      for (const [id, step] of taps) {
        const selector = '[data-criterion="' + id + '"]';
        location.hash = location.hash.split('?')[0] + '?criterion=' + id;
        for (let wait = 0; document.querySelector(selector + ':focus') === null; wait += 1) {
          if (wait > 600) throw new Error(id + ' did not come into view');
          await drawn();
        }
        await drawn();
        const card = document.querySelector(selector);
        const radio = card.querySelectorAll('[role="radio"]')[step];
        const isSaved = () =>
          radio.getAttribute('aria-checked') === 'true' && card.querySelector('.mark .saved') !== null;
        if (isSaved()) throw new Error(id + ' has this answer already');
        const saved = new Promise((done) => {
          const watch = new MutationObserver(() => {
            if (!isSaved()) return;
            watch.disconnect();
            done(performance.now());
          });
          watch.observe(card, { subtree: true, childList: true, attributes: true });
        });
        const pressed = performance.now();
        radio.click();
        times.push((await saved) - pressed);
      }
      return times;
    }`,
    taps,
  );
}

/**
 * What the disk itself asks for a commit: a frame of SQLite's log (a page and its head) written and
 * synced, in a file that grows and begins anew as such a log does.
 */
class Disk {
  #file;
  #frame = Buffer.alloc(24 + 4096, 0x5a);
  #frames = 0;

  constructor(folder) {
    this.#file = openSync(join(folder, 'disk'), 'w');
  }

  /** Milliseconds of each of so many commits. */
  commit(count) {
    return Array.from({ length: count }, () => {
      const before = performance.now();
      const at = (this.#frames++ % FRAMES_OF_A_LOG) * this.#frame.length;
      writeSync(this.#file, this.#frame, 0, this.#frame.length, at);
      fdatasyncSync(this.#file);
      return performance.now() - before;
    });
  }

  close() {
    closeSync(this.#file);
  }
}

/** Answers on the open scoring screen, by the shell, and the disk's own commits, in turn: all meet the same machine. */
async function answers(session, work, folder) {
  const disk = new Disk(folder);
  const [taps, calls] = [tapsFor(work), callsFor(work)];
  const times = { tap: [], call: [], disk: [] };
  for (let from = 0; from < TAPS; from += TURN) {
    const turn = (list) => list.slice(from, from + TURN);
    times.tap.push(...(await tap(session, turn(taps))));
    times.disk.push(...disk.commit(TURN));
    times.call.push(...(await call(session, turn(calls))));
  }
  disk.close();
  return { tap: spread(times.tap), call: spread(times.call), disk: spread(times.disk) };
}

function spread(times) {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share) => round(sorted[Math.ceil(share * sorted.length) - 1]);
  return {
    count: times.length,
    p50_ms: at(0.5),
    p99_ms: at(0.99),
    max_ms: at(1),
    // WebKit's clock has steps of a millisecond; the mean is finer.
    mean_ms: round(times.reduce((sum, time) => sum + time, 0) / times.length),
  };
}

/** From the press in the list to the first criteria of the long visit: each opening in milliseconds. */
function openLong(session, visit) {
  return session.run(
    `async (visit, count) => {
      const drawn = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
      const until = async (selector) => {
        while (document.querySelector(selector) === null) await drawn();
      };
      const times = [];
      for (let turn = 0; turn < count; turn += 1) {
        location.hash = '#/visits';
        await until('[data-visit]');
        // Nobody chooses sooner than that; the list reads ahead meanwhile.
        await new Promise((done) => setTimeout(done, 1000));
        const pressed = performance.now();
        location.hash = '#/visits/' + visit + '/score';
        await until('[data-criterion]');
        times.push(performance.now() - pressed);
      }
      return times;
    }`,
    visit,
    OPENINGS,
  );
}

/** From the start of the process to a page that takes the passphrase: each start in milliseconds. */
async function startAnew(desk) {
  const session = await desk.open();
  const usable = await session.run(`() => new Promise((resolve) => {
    const look = () => {
      const field = document.querySelector('input[type="password"]');
      if (field && !field.disabled) return resolve(Date.now());
      requestAnimationFrame(look);
    };
    look();
  })`);
  const ms = usable - (await startedAt(session.app));
  await desk.close(session);
  return ms;
}

/** When a process began, in milliseconds since 1970, to a hundredth of a second. */
async function startedAt(pid) {
  const [line, uptime] = await Promise.all([
    readFile(`/proc/${pid}/stat`, 'utf8'),
    readFile('/proc/uptime', 'utf8'),
  ]);
  const now = Date.now();
  const ticks = Number(line.slice(line.lastIndexOf(')') + 2).split(' ')[19]);
  return now - Number(uptime.split(' ')[0]) * 1000 + ticks * 10;
}

/** From the start of the process to a window on the screen, as people start it. */
async function showWindow() {
  const desk = await Desk.set({ automated: false, app: APP });
  const times = [];
  for (let turn = 0; turn < STARTS; turn += 1) {
    const before = performance.now();
    const app = desk.start(APP);
    await run(
      'xdotool',
      ['search', '--sync', '--onlyvisible', '--name', '^Mizan · '],
      desk.environment,
    );
    times.push(performance.now() - before);
    await app.stop();
  }
  await desk.clear();
  return times;
}

/** Memory that is the app's own, with its share of what it shares: PSS by process. */
async function memory(session) {
  const used = {};
  for (const pid of await family(session.app)) {
    const name = (await readFile(`/proc/${pid}/comm`, 'utf8')).trim();
    const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
    const kib = Number(/^Pss:\s+(\d+) kB$/m.exec(rollup)[1]);
    used[name] = round((used[name] ?? 0) + kib / 1024);
  }
  return { ...used, total: round(Object.values(used).reduce((sum, mib) => sum + mib, 0)) };
}

async function sizes() {
  const bundle = join(TARGET, 'release', 'bundle');
  const entries = await readdir(bundle, { recursive: true }).catch(() => []);
  const packages = entries.filter((name) => /\.(deb|rpm)$/.test(name));
  const files = [APP, ...packages.map((name) => join(bundle, name))];
  const pairs = files.map(async (file) => [file.split('/').at(-1), (await stat(file)).size]);
  return Object.fromEntries(await Promise.all(pairs));
}

const median = (times) => round(times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)]);
const round = (number) => Math.round(number * 100) / 100;

/** The figures in words, each beside what it is held against. */
function say({ answer, opening, start, memory_pss_mib: { list, scoring }, bytes }) {
  const { tap, call, disk } = answer;
  const row = (name, { p50_ms, p99_ms, mean_ms }) =>
    `${name}: p50 ${p50_ms} ms, p99 ${p99_ms} ms, mean ${mean_ms} ms`;
  const above = (name, { p50_ms, p99_ms, mean_ms }) => {
    const late = round(p99_ms - disk.p99_ms);
    const verdict = late < GOAL_MS ? 'met' : 'MISSED';
    return (
      `${name} above the disk's own commit: p50 ${round(p50_ms - disk.p50_ms)} ms, p99 ${late} ms ` +
      `(goal: under ${GOAL_MS} ms: ${verdict}), mean ${round(mean_ms / disk.mean_ms)}x the disk`
    );
  };
  const mib = (count) => `${round(count / 2 ** 20)} MiB`;
  const sizes = Object.entries(bytes).map(([name, count]) => `${name} ${mib(count)}`);
  return [
    row(`${disk.count} commits of the disk itself (write and sync of one page)`, disk),
    row(`${call.count} answers, from the page's call until it knows them committed`, call),
    above('an answer', call),
    row(`${tap.count} taps, from the press until "saved" stands in the card`, tap),
    above('a tap with its drawing', tap),
    row(`a visit of ${CRITERIA} criteria opens (goal: under ${OPENS_WITHIN_MS} ms)`, opening),
    `cold start to usable: ${start.usable_median_ms} ms; to a window: ${start.window_median_ms} ms`,
    `memory of the whole app (PSS): ${list.total} MiB with the list, ${scoring.total} MiB scoring`,
    `sizes: ${sizes.join(', ')}`,
  ].join('\n');
}

const central = await Central.start();
const desk = await Desk.set({ app: APP });
try {
  const programme = await Programme.setUp(central, { shipped: true });
  const first = await desk.open();
  const work = await prepare(first, central, programme);
  await desk.close(first);

  const session = await desk.open({ MIZAN_PASSPHRASE: PASSPHRASE });
  await session.find('[data-visit]');
  const list = await memory(session);
  await session.run(`(visit) => { location.hash = '#/visits/' + visit + '/score'; }`, work.visit);
  await session.find('[data-criterion]');
  const scoring = await memory(session);
  const answer = await answers(session, work, desk.folder);
  const openings = await openLong(session, work.long);
  await desk.close(session);

  const starts = [];
  for (let turn = 0; turn < STARTS; turn += 1) starts.push(await startAnew(desk));
  const window = await showWindow();
  const report = {
    app: APP.split('/').slice(-2).join('/'),
    answer: { criteria: work.criteria.length, ...answer },
    opening: { visits: VISITS + 1, criteria: CRITERIA, ...spread(openings) },
    start: { count: STARTS, usable_median_ms: median(starts), window_median_ms: median(window) },
    memory_pss_mib: { list, scoring },
    bytes: await sizes(),
  };
  console.log(JSON.stringify(report, null, 2));
  console.log(say(report));
} finally {
  await desk.clear();
  await central.stop();
}
