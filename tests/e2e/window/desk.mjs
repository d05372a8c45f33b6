// A desk with one screen: Xvfb, a folder of its own for everything the app writes, and the app
// itself, started by WebKit's driver.

import { once } from 'node:events';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';

import { Program, ROOT, run, temporaryFolder, until } from '../support/processes.mjs';
import { Session } from './webdriver.mjs';

/** Where cargo builds. */
export const TARGET = process.env.CARGO_TARGET_DIR ?? join(ROOT, 'target');

/** The app under test. */
export const APP = process.env.MIZAN_APP ?? join(TARGET, 'debug', 'mizan-desktop');

export class Desk {
  #programs = [];

  /** `automated: false` starts the app as people do; then no driver reaches its page. */
  static async set({ automated = true, app = APP } = {}) {
    const desk = new Desk();
    desk.app = app;
    const { path, remove } = await temporaryFolder('window');
    desk.folder = path;
    desk.remove = remove;
    desk.home = join(path, 'home');
    const xdg = (name) => ({ [`XDG_${name}_HOME`]: join(path, name.toLowerCase()) });
    desk.environment = {
      ...xdg('DATA'),
      ...xdg('CONFIG'),
      ...xdg('CACHE'),
      ...xdg('STATE'),
      MIZAN_HOME: desk.home,
      MIZAN_PASSPHRASE: '',
      TAURI_WEBVIEW_AUTOMATION: String(automated),
      // GTK keeps its own settings out of the way of the machine's.
      GSETTINGS_BACKEND: 'memory',
      // No session bus: two tests at once must not find each other's window.
      DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent',
    };
    desk.environment.DISPLAY = process.env.DISPLAY ?? (await desk.#screen());
    return desk;
  }

  /** A screen of our own, on the first free number. */
  async #screen() {
    const screen = ['-displayfd', '1', '-screen', '0', '1280x900x24', '-nolisten', 'tcp'];
    // It would begin anew when the app closes, and turn away the next one meanwhile.
    screen.push('-noreset');
    return `:${await this.start('Xvfb', screen).line()}`;
  }

  /** Starts a program that ends with the desk. */
  start(path, args = [], environment = {}) {
    const program = new Program(path, args, { ...this.environment, ...environment });
    this.#programs.push(program);
    return program;
  }

  /** Starts the app and returns the session with its page; `environment` adds variables. */
  async open(environment = {}) {
    const port = await freePort();
    const driver = this.start(
      'WebKitWebDriver',
      [`--port=${port}`, '--host=127.0.0.1'],
      environment,
    );
    driver.child.stderr.pipe(process.stderr);
    const address = `http://127.0.0.1:${port}`;
    await until('the driver', async () => (await fetch(`${address}/status`)).ok);
    const startedAt = performance.now();
    const session = await Session.open(address, {
      'webkitgtk:browserOptions': { binary: this.app, args: [] },
    });
    session.driver = driver;
    session.startedAt = startedAt;
    session.app = await this.#appOf(driver.child.pid);
    return session;
  }

  /** The id of the app's process, the driver's child. */
  async #appOf(driver) {
    return until('the app', async () => {
      for (const pid of await children(driver)) {
        if ((await readlink(`/proc/${pid}/exe`)) === this.app) return pid;
      }
      return undefined;
    });
  }

  /** Moves the mouse, presses keys, looks for windows: the commands of xdotool; what it says. */
  mouse(...commands) {
    return run('xdotool', commands, this.environment);
  }

  /** The window of an app, once it is on the screen. */
  window(app) {
    const wanted = ['--onlyvisible', '--pid', `${app}`, '--name', 'Mizan · ميزان'];
    return until('the window', () => this.mouse('search', ...wanted), 20_000);
  }

  /** Gives the keyboard to the dialog that opens; there is no window manager to do it. */
  async focusDialog() {
    const wanted = ['--onlyvisible', '--name', '^(Save|Save File|حفظ).*'];
    const dialog = await until('a dialog', () => this.mouse('search', ...wanted));
    await this.mouse('windowfocus', '--sync', dialog.split('\n')[0], 'sleep', '0.3');
  }

  /** A session bus of the desk's own; its address. */
  bus() {
    return this.start('dbus-daemon', ['--session', '--nofork', '--print-address']).line();
  }

  /** Ends the app through the driver, which does not wait for it: its home is free only then. */
  async close(session) {
    await session.close();
    await until('the app to be gone', () => !isAlive(session.app));
    await session.driver.stop();
  }

  /** Ends the app as a flat battery would. */
  async kill(session) {
    process.kill(session.app, 'SIGKILL');
    await until('the app to be gone', () => !isAlive(session.app));
    await session.driver.stop();
  }

  /** Ends everything and removes the folder. */
  async clear() {
    for (const program of this.#programs.toReversed()) await program.stop();
    await this.remove();
  }
}

/** The direct children of a process. */
export async function children(parent) {
  const tasks = await readdir(`/proc/${parent}/task`);
  const lists = tasks.map((task) => readFile(`/proc/${parent}/task/${task}/children`, 'utf8'));
  return (await Promise.all(lists)).join(' ').split(' ').filter(Boolean).map(Number);
}

/** A process and everything it started. */
export async function family(pid) {
  const lists = (await children(pid)).map(family);
  return [pid, ...(await Promise.all(lists)).flat()];
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
