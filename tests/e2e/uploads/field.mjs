// A visit whose evidence is sent by other clients than the device's own, on the real server.

import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { Central } from '../support/central.mjs';
import { MIZAN, Program, run, temporaryFolder } from '../support/processes.mjs';
import { Programme } from '../support/programme.mjs';

/** What the server keeps a part by. */
export const PART = 256 * 1024;
/** Heads of requests, generously. */
export const HEADS = 16 * 1024;

const ANSWERS = {
  A1: ['yes'],
  A2: ['partly', '--note', 'اللوحة محجوبة'],
  A3: ['5'],
  A4: ['yes'],
  B1: ['8'],
  B2: ['12'],
  B3: ['75', '--note', 'ثلاثة منافذ من أربعة'],
  B4: ['leading'],
  B5: ['--na', 'لا تُعرض بيانات'],
};

/** A JPEG of so many bytes, with nothing in it that would be taken off. */
export function photo(seed, bytes) {
  const scan = Buffer.alloc(bytes - 8);
  let state = seed;
  for (let at = 0; at < scan.length; at += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    scan[at] = (state >>> 24) & 0x7f;
  }
  return Buffer.concat([Buffer.from('ffd8ffda0002', 'hex'), scan, Buffer.from('ffd9', 'hex')]);
}

export const digest = (bytes) => createHash('sha256').update(bytes).digest('hex');

export class Field {
  /** A server with an open cycle, and an evaluator with a visit. */
  static async begin() {
    const field = new Field();
    field.central = await Central.start();
    field.folder = await temporaryFolder('uploads');
    field.programme = await Programme.setUp(field.central);
    field.evaluator = await field.programme.addPerson('evaluator');
    field.visit = await field.programme.assign(field.evaluator);
    return field;
  }

  /** Writes bytes to a file of the evaluator's. */
  async file(name, bytes) {
    const path = join(this.folder.path, name);
    await writeFile(path, bytes);
    return path;
  }

  /** The evaluator's token. */
  async token() {
    const { user, password } = this.evaluator;
    return (await this.central.signIn(user, password)).token;
  }

  /** Makes the visit with these files on the evaluator's device and sends it: what the device says. */
  async makeVisit(files) {
    const { user, password } = this.evaluator;
    const device = (...args) => {
      const home = ['device', '--home', join(this.folder.path, 'device'), '--json'];
      return run(MIZAN, [...home, ...args], { MIZAN_PASSWORD: password });
    };
    await device('init', '--server', this.central.address, '--user', user, '--name', 'tablet');
    await device('sync');
    await device('accept', this.visit, '--no-interest', '--brief-read');
    for (const [criterion, answer] of Object.entries(ANSWERS)) {
      await device('answer', this.visit, criterion, ...answer);
    }
    for (const file of files) await device('attach', this.visit, 'A1', file, '--kind', 'photo');
    await device('submit', this.visit);
    return device('sync');
  }

  /** The bytes of a piece of evidence, as the server gives them to a reviewer. */
  async read(sha256) {
    const reviewer = await this.programme.reviewer();
    return reviewer.bytes(`/api/evidence/${sha256}`);
  }

  /** How many files of the visit the server has yet to get. */
  async missing() {
    const reviewer = await this.programme.reviewer();
    const queue = await reviewer.get('/api/review/queue');
    return queue.find(({ visit }) => visit === this.visit).evidence_missing;
  }

  /** Ends the server as a power cut would, and starts it anew on its folder and port. */
  async crash() {
    const { central } = this;
    await central.program.kill();
    const data = join(central.folder.path, 'server');
    const listen = new URL(central.address).host;
    central.program = new Program(MIZAN, ['serve', '--data', data, '--listen', listen]);
    await central.program.line();
  }

  async remove() {
    await this.central.stop();
    await this.folder.remove();
  }
}
