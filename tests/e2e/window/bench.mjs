// What the window costs: an answer from tap to disk, a start, memory, bytes of the packages. Prints
// JSON. Measures the release build: `cargo build --release --workspace` first, `make package` for
// the sizes. The server and the programme are real; the rubric is the shipped one.

import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { Central } from '../support/central.mjs';
import { run } from '../support/processes.mjs';
import { Programme } from '../support/programme.mjs';
import { Desk, family, TARGET } from './desk.mjs';
import { api, CALL, syncToEnd } from './page.mjs';

const APP = process.env.MIZAN_APP ?? join(TARGET, 'release', 'mizan-desktop');
const PASSPHRASE = 'زيتون وياسمين 47';
const TAPS = 500;
const STARTS = 5;

const VALUES = {
  yes_no: [true, false],
  met_partly_not: ['met', 'partly', 'not'],
  level_0_5: [0, 1, 2, 3, 4, 5],
  maturity: ['none', 'basic', 'developing', 'maturing', 'leading'],
  timed: ['5', '7.5'],
  percent: ['60', '85'],
};

/** A device with an accepted visit, as an evaluator would have it on the way. */
async function prepare(session, central, programme) {
  const evaluator = await programme.addPerson('evaluator');
  const visit = await programme.assign(evaluator);
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
  const { rubric } = await said('POST', `/visits/${visit}/accept`, accepted);
  const { pillars } = await said('GET', `/rubrics/${rubric.sha256}`);
  const criteria = pillars.flatMap((pillar) => pillar.criteria);
  return { visit, criteria: criteria.filter(({ visits }) => visits.includes('unannounced')) };
}

/** Answers criteria in turn, each with another value than before; milliseconds of each call. */
async function tap(session, { visit, criteria }) {
  const taps = Array.from({ length: TAPS }, (_, turn) => {
    const { id, scale } = criteria[turn % criteria.length];
    const values = VALUES[scale.kind];
    const value = values[Math.floor(turn / criteria.length) % values.length];
    return [`/visits/${visit}/answers/${id}`, { value }];
  });
  return session.run(
    `async (taps) => {
      const call = ${CALL};
      const times = [];
      const start = performance.now();
      for (const [path, body] of taps) {
        const before = performance.now();
        const { status } = await call('PUT', path, body);
        if (status !== 200) throw new Error(path + ' answered ' + status);
        times.push(performance.now() - before);
      }
      return { times, total: performance.now() - start };
    }`,
    taps,
  );
}

function spread({ times, total }) {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share) => round(sorted[Math.ceil(share * sorted.length) - 1]);
  return {
    count: times.length,
    p50_ms: at(0.5),
    p99_ms: at(0.99),
    max_ms: at(1),
    // WebKit's clock has steps of a millisecond; the mean is finer.
    mean_ms: round(total / times.length),
  };
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

const central = await Central.start();
const desk = await Desk.set({ app: APP });
try {
  const programme = await Programme.setUp(central, { shipped: true });
  const first = await desk.open();
  const work = await prepare(first, central, programme);
  const taps = spread(await tap(first, work));
  await desk.close(first);

  const session = await desk.open({ MIZAN_PASSPHRASE: PASSPHRASE });
  await session.find(`[data-visit="${work.visit}"]`);
  const list = await memory(session);
  await session.run(`(visit) => { location.hash = '#/visits/' + visit + '/score'; }`, work.visit);
  await session.find('[data-criterion]');
  const scoring = await memory(session);
  await desk.close(session);

  const starts = [];
  for (let turn = 0; turn < STARTS; turn += 1) starts.push(await startAnew(desk));
  const window = await showWindow();
  const report = {
    app: APP.split('/').slice(-2).join('/'),
    answer_committed: { criteria: work.criteria.length, ...taps },
    start: { count: STARTS, usable_median_ms: median(starts), window_median_ms: median(window) },
    memory_pss_mib: { list, scoring },
    bytes: await sizes(),
  };
  console.log(JSON.stringify(report, null, 2));
} finally {
  await desk.clear();
  await central.stop();
}
