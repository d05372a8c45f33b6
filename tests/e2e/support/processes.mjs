// The programs a test starts: found, started, waited for, ended. Nothing outlives the test run.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** The project's folder. */
export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

const TARGET = process.env.CARGO_TARGET_DIR ?? join(ROOT, 'target');

/** A program of the debug build; `cargo build --workspace --all-targets` makes them all. */
const built = (/** @type {string} */ name) => join(TARGET, 'debug', name);

/** The `mizan` command. */
export const MIZAN = process.env.MIZAN_COMMAND ?? built('mizan');

/** The device's router on loopback, with the screens beside it. */
export const SERVE = process.env.MIZAN_SERVE ?? built('examples/serve');

/** A PostgreSQL server that is gone with its process. */
export const CLUSTER = built('examples/cluster');

/** The built screens. */
export const UI = process.env.MIZAN_UI ?? join(ROOT, 'ui', 'dist');

const PATIENCE_MS = 60_000;

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A program that runs, and what it said on its error stream. */
export class Program {
  /**
   * @param {string} path
   * @param {string[]} args
   * @param {Record<string, string>} [environment]
   */
  constructor(path, args, environment = {}) {
    /** @type {string} */
    this.name = path;
    /** What it said on its error stream; the place to look when a test fails. */
    this.said = '';
    this.child = spawn(path, args, {
      env: { ...process.env, RUST_BACKTRACE: '0', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(this.child);
    this.ended = once(this.child, 'exit').finally(() => running.delete(this.child));
    // A program that is not there is told of by `line`; here it must not end the whole run.
    this.ended.catch(() => undefined);
    this.child.stderr.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      this.said += text;
    });
    this.lines = createInterface(this.child.stdout)[Symbol.asyncIterator]();
  }

  /** The next line of its output; fails with what it said instead. */
  async line() {
    const next = await Promise.race([
      this.lines.next(),
      this.ended.then(() => ({ done: true, value: '' })),
    ]);
    if (next.done) throw new Error(`${this.name} ended before it was ready:\n${this.said}`);
    return String(next.value);
  }

  /** Asks it to stop and waits; one that does not listen is killed, and that is an error. */
  async stop() {
    if (this.isOver) return;
    this.child.kill('SIGTERM');
    let isLate = false;
    const late = setTimeout(() => {
      isLate = true;
      this.child.kill('SIGKILL');
    }, PATIENCE_MS);
    await this.ended;
    clearTimeout(late);
    if (isLate) throw new Error(`${this.name} did not stop within ${PATIENCE_MS} ms of SIGTERM`);
  }

  /** Ends it as a flat battery would. */
  async kill() {
    if (this.isOver) return;
    this.child.kill('SIGKILL');
    await this.ended;
  }

  get isOver() {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }
}

/**
 * Runs a program to its end; its output. An end with another code than 0 is an error.
 *
 * @param {string} path
 * @param {string[]} args
 * @param {Record<string, string>} [environment]
 */
export async function run(path, args, environment) {
  const program = new Program(path, args, environment);
  const lines = [];
  for await (const line of program.lines) lines.push(line);
  const [code] = await program.ended;
  if (code !== 0) throw new Error(`${path} ${args.join(' ')} ended with ${code}:\n${program.said}`);
  return lines.join('\n');
}

/** A new folder for a test; `remove` takes it away. */
export async function temporaryFolder(/** @type {string} */ purpose) {
  const path = await mkdtemp(join(tmpdir(), `mizan-${purpose}-`));
  const remove = () => rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  return { path, remove };
}

/**
 * Asks until the answer is true or the time is over: for what has no event to wait for.
 *
 * @template T
 * @param {string} what
 * @param {() => Promise<T> | T} ask
 * @param {number} [ms]
 * @returns {Promise<NonNullable<T>>}
 */
export async function until(what, ask, ms = 10_000) {
  const end = Date.now() + ms;
  /** @type {unknown} */
  let last;
  do {
    try {
      const answer = await ask();
      if (answer) return answer;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  } while (Date.now() < end);
  throw new Error(`waited ${ms} ms for ${what}${last ? `; last: ${String(last)}` : ''}`);
}
