// An evaluator's device: the real router on loopback over a home folder of its own.

import { join } from 'node:path';

import type { Person } from './programme.mjs';
import { Program, SERVE, temporaryFolder, UI } from './processes.mjs';

export const PASSPHRASE = 'زيتون وياسمين 47';

/** The device's own words for what went wrong. */
export class DeviceRefused extends Error {
  constructor(
    request: string,
    readonly status: number,
    readonly code: string,
  ) {
    super(`${request}: ${status} ${code}`);
  }
}

export interface Settings {
  language: 'ar' | 'en';
  theme: 'system' | 'light' | 'dark' | 'contrast';
  digits: 'latn' | 'arab';
  lock_after_min: number;
}

/** The parts of the contract's shapes that tests read. */
export interface VisitView {
  summary: { visit: string; state: string; answered: number; delivery: { state: string } };
  answers: {
    criterion: string;
    value: unknown;
    na: string | null;
    ne: string | null;
    note: string | null;
    earlier: number;
  }[];
  times: { moment: string; at_ms: number }[];
  contacts: { contact: string; channel: string; moments: { moment: string; at_ms: number }[] }[];
  derived: { criterion: string; value: string; spans: number }[];
  evidence: { criterion: string; sha256: string; bytes: number; sent: boolean }[];
  missing: { code: string; criterion: string | null; params: Record<string, string> }[];
  seals: { number: number; revision: number; sha256: string; outcome: string | null }[];
}

interface SyncStatus {
  tick: number;
  running: boolean;
  report: unknown;
  error: { code: string } | null;
}

export class Device {
  readonly #folder: { path: string; remove: () => Promise<void> };
  #program: Program | null = null;
  #address = '';

  private constructor(folder: { path: string; remove: () => Promise<void> }) {
    this.#folder = folder;
  }

  /** Starts a device on a new home. */
  static async start(): Promise<Device> {
    const device = new Device(await temporaryFolder('device'));
    await device.open();
    return device;
  }

  /** Where its screens are. */
  get address(): string {
    return this.#address;
  }

  get home(): string {
    return join(this.#folder.path, 'home');
  }

  /** What the program said on its error stream. */
  get said(): string {
    return this.#program?.said ?? '';
  }

  /** Starts the program on the same home, at the same address if it had one. */
  async open(): Promise<void> {
    const listen = this.#address === '' ? '127.0.0.1:0' : new URL(this.#address).host;
    const args = ['--home', this.home, '--ui', UI, '--listen', listen, '--cheap-keys'];
    this.#program = new Program(SERVE, args);
    this.#address = (await this.#program.line()).trim();
  }

  /** Ends the program as a flat battery would; the home stays. */
  async kill(): Promise<void> {
    await this.#program?.kill();
  }

  /** Stops the program and removes the home. */
  async remove(): Promise<void> {
    await this.#program?.stop();
    await this.#folder.remove();
  }

  get = <T>(path: string) => this.#call<T>('GET', path);
  post = <T>(path: string, body: unknown = {}) => this.#call<T>('POST', path, body);
  put = <T>(path: string, body: unknown = {}) => this.#call<T>('PUT', path, body);

  /** Creates the device, enrols it for a person and brings it level with the server. */
  async begin(server: string, person: Person, settings: Partial<Settings> = {}): Promise<void> {
    await this.set(settings);
    await this.post('/create', { passphrase: PASSPHRASE });
    const { user, password } = person;
    await this.post('/enrol', { server, user, password, device_name: 'حاسوب المقيّم' });
    await this.sync();
  }

  async set(settings: Partial<Settings>): Promise<void> {
    const now = await this.get<Settings>('/settings');
    await this.put('/settings', { ...now, ...settings });
  }

  /** Syncs to the end; an error is thrown. */
  async sync(): Promise<void> {
    let status = await this.post<SyncStatus>('/sync');
    while (status.running) status = await this.get<SyncStatus>(`/sync?after=${status.tick}`);
    if (status.error !== null) throw new DeviceRefused('POST /sync', 0, status.error.code);
  }

  async unlockIfLocked(): Promise<void> {
    const { phase } = await this.get<{ phase: string }>('/state');
    if (phase === 'locked') await this.post('/unlock', { passphrase: PASSPHRASE });
  }

  visit(id: string): Promise<VisitView> {
    return this.get(`/visits/${id}`);
  }

  accept(id: string): Promise<VisitView> {
    return this.post(`/visits/${id}/accept`, { no_interest: true, brief_acknowledged: true });
  }

  answer(id: string, criterion: string, given: object): Promise<unknown> {
    return this.put(`/visits/${id}/answers/${criterion}`, given);
  }

  async attach(id: string, criterion: string, kind: string, bytes: Uint8Array): Promise<VisitView> {
    const path = `/visits/${id}/evidence?criterion=${criterion}&kind=${kind}`;
    const response = await fetch(`${this.#address}/api/device${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      body: Buffer.from(bytes),
    });
    return read(`POST ${path}`, response);
  }

  async #call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${this.#address}/api/device${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
    });
    return read(`${method} ${path}`, response);
  }
}

async function read<T>(request: string, response: Response): Promise<T> {
  const text = await response.text();
  if (!response.ok) {
    const code = text.startsWith('{') ? (JSON.parse(text) as { code: string }).code : text;
    throw new DeviceRefused(request, response.status, code);
  }
  return (text === '' ? undefined : JSON.parse(text)) as T;
}
