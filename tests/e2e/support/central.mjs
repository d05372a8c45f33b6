// The central server: the real `mizan serve` on its own folder, and its API as people call it.

import { randomUUID } from 'node:crypto';
import { join } from 'node:path';

import { MIZAN, Program, run, temporaryFolder } from './processes.mjs';

export const ADMINISTRATOR = { user: 'admin', password: 'mizan-test-admin' };

/**
 * A database of its own on the PostgreSQL server that `MIZAN_E2E_POSTGRES` names
 * (`postgres://user:password@host:port`); null where the servers use the embedded engine.
 */
async function newDatabase() {
  const server = process.env.MIZAN_E2E_POSTGRES;
  if (!server) return null;
  const name = `mizan_${randomUUID().replaceAll('-', '')}`;
  await run('psql', [`${server}/postgres`, '--quiet', '--command', `CREATE DATABASE ${name}`]);
  return `${server}/${name}`;
}

/** A refusal of the server, with its code. */
export class Refused extends Error {
  /**
   * @param {string} request
   * @param {number} status
   * @param {{ code: string, params?: Record<string, string> }} body
   */
  constructor(request, status, body) {
    super(`${request}: ${status} ${JSON.stringify(body)}`);
    this.status = status;
    this.code = body.code;
  }
}

/** A person's session with the server. */
export class Session {
  /**
   * @param {string} address
   * @param {string} token
   */
  constructor(address, token) {
    this.address = address;
    this.token = token;
  }

  /**
   * @template [T=unknown]
   * @param {string} path
   * @returns {Promise<T>}
   */
  get(path) {
    return call(this.address, 'GET', path, undefined, this.token);
  }

  /**
   * @template [T=unknown]
   * @param {string} path
   * @param {unknown} [body]
   * @returns {Promise<T>}
   */
  post(path, body = {}) {
    return call(this.address, 'POST', path, body, this.token);
  }

  /**
   * @template [T=unknown]
   * @param {string} path
   * @param {unknown} body
   * @returns {Promise<T>}
   */
  put(path, body) {
    return call(this.address, 'PUT', path, body, this.token);
  }

  /** @param {string} path */
  remove(path) {
    return call(this.address, 'DELETE', path, undefined, this.token);
  }

  /**
   * Sends bytes and gets bytes.
   *
   * @param {string} path
   * @param {Buffer} body
   */
  async exchange(path, body) {
    const headers = {
      authorization: `Bearer ${this.token}`,
      'content-type': 'application/octet-stream',
    };
    const response = await fetch(this.address + path, {
      method: 'POST',
      headers,
      body: new Uint8Array(body),
    });
    if (!response.ok) throw new Refused(path, response.status, { code: await response.text() });
    return Buffer.from(await response.arrayBuffer());
  }

  /**
   * The bytes of a file.
   *
   * @param {string} path
   */
  async bytes(path) {
    const headers = { authorization: `Bearer ${this.token}` };
    const response = await fetch(this.address + path, { headers });
    if (!response.ok) throw new Refused(path, response.status, { code: await response.text() });
    return Buffer.from(await response.arrayBuffer());
  }
}

/** The server, on a folder and a port of its own. */
export class Central {
  /**
   * @param {Program} program
   * @param {string} address
   * @param {{ path: string, remove: () => Promise<void> }} folder
   */
  constructor(program, address, folder) {
    this.program = program;
    this.address = address;
    this.folder = folder;
  }

  /**
   * Starts a server with an administrator.
   *
   * @param {string[]} [more] Further arguments of `mizan serve`.
   */
  static async start(more = []) {
    const folder = await temporaryFolder('central');
    const data = join(folder.path, 'server');
    const database = await newDatabase();
    const place = ['--data', data, ...(database ? ['--database', database] : [])];
    const administrator = ['admin', ...place, 'create-administrator', '--user'];
    await run(MIZAN, [...administrator, ADMINISTRATOR.user], {
      MIZAN_PASSWORD: ADMINISTRATOR.password,
    });
    const program = new Program(MIZAN, ['serve', ...place, '--listen', '127.0.0.1:0', ...more]);
    const line = await program.line();
    const [, address] = /^listening on (http:\/\/\S+)$/.exec(line) ?? [];
    if (address === undefined) throw new Error(`mizan serve said: ${line}`);
    return new Central(program, address, folder);
  }

  get port() {
    return Number(new URL(this.address).port);
  }

  /** Begins a person's session. */
  async signIn(/** @type {string} */ user, /** @type {string} */ password) {
    const body = { user, password };
    /** @type {{ token: string }} */
    const { token } = await call(this.address, 'POST', '/api/session', body);
    return new Session(this.address, token);
  }

  administrator() {
    return this.signIn(ADMINISTRATOR.user, ADMINISTRATOR.password);
  }

  /** Adds a rubric file through the command, as an administrator does. */
  async addRubricFile(/** @type {Session} */ administrator, /** @type {string} */ file) {
    const args = ['admin', '--server', this.address, '--json', 'rubrics', 'add', file];
    const said = await run(MIZAN, args, { MIZAN_TOKEN: administrator.token });
    /** @type {{ id: string, version: string, sha256: string }[]} */
    const [added] = JSON.parse(said);
    if (!added) throw new Error(`mizan admin rubrics add said: ${said}`);
    return added;
  }

  /** Stops the server and removes its folder. */
  async stop() {
    await this.program.stop();
    await this.folder.remove();
  }
}

/**
 * @template T
 * @param {string} address
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body]
 * @param {string} [token]
 * @returns {Promise<T>}
 */
async function call(address, method, path, body, token) {
  /** @type {Record<string, string>} */
  const headers = { 'content-type': 'application/json' };
  if (token !== undefined) headers.authorization = `Bearer ${token}`;
  const response = await fetch(address + path, {
    method,
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) {
    const refusal = text.startsWith('{') ? JSON.parse(text) : { code: text };
    throw new Refused(`${method} ${path}`, response.status, refusal);
  }
  return text === '' ? /** @type {T} */ (undefined) : JSON.parse(text);
}
