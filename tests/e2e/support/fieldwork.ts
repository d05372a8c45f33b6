// Visits as devices send them, sealed and signed here: enough field work for whoever reviews it.

import { createHash, generateKeyPairSync, randomUUID, sign, type KeyObject } from 'node:crypto';

import type { Session } from './central.mjs';
import type { Programme } from './programme.mjs';

export interface FieldFile {
  criterion: string;
  bytes: Buffer;
  mediaType: string;
  /** A photo when left out. */
  kind?: string;
  /** Named by the evaluation and never sent. */
  isLost?: boolean;
}

export interface FieldAnswer {
  criterion: string;
  value?: boolean | number | string;
  na?: string;
  ne?: string;
  note?: string;
}

export interface FieldVisit {
  kind?: 'unannounced' | 'scheduled';
  centre?: Parameters<Programme['assign']>[1] extends infer Wish
    ? Wish extends { centre?: infer Centre }
      ? Centre
      : never
    : never;
  answers: FieldAnswer[];
  files: FieldFile[];
  /** Minutes before now at which the visit began. */
  minutesAgo?: number;
}

const digest = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest('hex');

/** JSON with its keys in order and nothing between: what is signed. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value)
    .filter(([, one]) => one !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, one]) => `${JSON.stringify(key)}:${canonical(one)}`).join(',')}}`;
}

/** An evaluator with a device of their own. */
export class FieldWorker {
  readonly #programme: Programme;
  readonly #session: Session;
  readonly #person: { id: string };
  readonly #key: KeyObject;
  readonly #publicKey: string;
  #device = '';

  private constructor(programme: Programme, session: Session, person: { id: string }) {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    this.#programme = programme;
    this.#session = session;
    this.#person = person;
    this.#key = privateKey;
    this.#publicKey = publicKey
      .export({ type: 'spki', format: 'der' })
      .subarray(-32)
      .toString('hex');
  }

  static async enrol(programme: Programme): Promise<FieldWorker> {
    const person = await programme.addPerson('evaluator', { ar: 'زيد الخفي', en: 'Zayd Hidden' });
    const session = await programme.central.signIn(person.user, person.password);
    const worker = new FieldWorker(programme, session, person);
    const enrolled = await session.post<{ device: string }>('/api/devices', {
      name: 'tablet',
      public_key: worker.#publicKey,
    });
    worker.#device = enrolled.device;
    return worker;
  }

  /** Is given a visit, makes it and sends it; the visit's id. */
  async visit(wish: FieldVisit): Promise<string> {
    const programme = this.#programme;
    const person = this.#person as Parameters<Programme['assign']>[0];
    const kind = wish.kind ?? 'unannounced';
    const visit = await programme.assign(person, { kind, centre: wish.centre });
    const rubric = programme.rubrics[0];
    const at = Date.now();
    await this.#push('acceptance', {
      decision: 'accepted',
      visit,
      no_interest: true,
      brief_rubric: rubric?.sha256,
      at,
    });
    await this.submit(visit, wish, 1);
    for (const file of wish.files) if (!file.isLost) await this.#upload(file);
    return visit;
  }

  /** Sends one revision of a visit. */
  async submit(visit: string, wish: FieldVisit, revision: number): Promise<void> {
    const start = Date.now() - (wish.minutesAgo ?? 120) * 60_000;
    const minutes = { arrived: 0, ticket: 1, greeted: 2, called: 14, done: 26, left: 28 };
    const times = Object.entries(minutes).map(([moment, at]) => [moment, start + at * 60_000]);
    const evidence = wish.files
      .map(({ criterion, bytes, mediaType, kind = 'photo' }) => ({
        criterion,
        sha256: digest(bytes),
        kind,
        media_type: mediaType,
        bytes: bytes.length,
      }))
      .sort((a, b) => (a.criterion + a.sha256 < b.criterion + b.sha256 ? -1 : 1));
    const document = canonical({
      schema: 1,
      evaluation: randomUUID(),
      visit,
      revision,
      device: this.#device,
      rubric: this.#programme.rubrics[0],
      visit_kind: wish.kind ?? 'unannounced',
      answers: wish.answers,
      times: Object.fromEntries(times) as Record<string, number>,
      evidence,
      followed_brief: true,
      submitted_at: Date.now(),
    });
    const sealed = {
      document,
      sha256: digest(document),
      public_key: this.#publicKey,
      signature: sign(null, Buffer.from(document), this.#key).toString('hex'),
    };
    await this.#push('evaluation', { visit, sealed });
  }

  async #push(kind: string, body: object): Promise<void> {
    const record = { id: randomUUID(), kind, schema_v: 1, base_rev: 0, rev: 0, body };
    const { outcomes } = await this.#session.post<{ outcomes: { result: string }[] }>(
      '/api/sync/push',
      { operations: [{ op_id: randomUUID(), record }] },
    );
    const [outcome] = outcomes;
    if (outcome?.result !== 'applied') throw new Error(`${kind}: ${JSON.stringify(outcome)}`);
  }

  async #upload({ bytes, mediaType }: FieldFile): Promise<void> {
    const base64 = (text: string) => Buffer.from(text).toString('base64');
    const headers = {
      authorization: `Bearer ${this.#session.token}`,
      'tus-resumable': '1.0.0',
      'content-type': 'application/offset+octet-stream',
      'upload-length': String(bytes.length),
      'upload-metadata': `sha256 ${base64(digest(bytes))},filetype ${base64(mediaType)}`,
    };
    const address = `${this.#session.address}/api/evidence/uploads`;
    const body = new Uint8Array(bytes);
    const response = await fetch(address, { method: 'POST', headers, body });
    if (response.status !== 201) throw new Error(`upload: ${await response.text()}`);
  }
}
