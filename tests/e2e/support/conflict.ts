// Two versions of one record: another device of the same evaluator has sent another answer.

import { randomUUID } from 'node:crypto';

import type { Central, Session } from './central.mjs';
import type { Device } from './device.ts';
import type { Person } from './programme.mjs';
import { pushFromSecondDevice } from './secondDevice.ts';

interface Record {
  id: string;
  kind: string;
  body: { visit: string; answer: { criterion: string; value: unknown; note?: string }; at: number };
}

interface Pulled {
  streams: { records: Record[] }[];
}

/** The record of an answer as the server has it for the other devices of its evaluator. */
async function sentAnswer(session: Session, criterion: string): Promise<Record> {
  const { streams } = await session.post<Pulled>('/api/sync/pull');
  const found = streams
    .flatMap(({ records }) => records)
    .find(({ kind, body }) => kind === 'answer' && body.answer.criterion === criterion);
  if (!found) throw new Error(`no answer of ${criterion} was sent`);
  return found;
}

/** Another device of the same evaluator has sent another answer meanwhile. */
async function changeOnServer(
  central: Central,
  person: Person,
  criterion: string,
  answer: { value: unknown; note: string },
): Promise<void> {
  const session = await central.signIn(person.user, person.password);
  const sent = await sentAnswer(session, criterion);
  const body = {
    ...sent.body,
    answer: { ...sent.body.answer, ...answer },
    at: sent.body.at + 1000,
  };
  const record = { ...sent, body, base_rev: 1, rev: 0, schema_v: 1 };
  const operations = [{ op_id: randomUUID(), record }];
  const outcomes = await pushFromSecondDevice(session, operations);
  if (outcomes[0]?.result !== 'applied') throw new Error(JSON.stringify(outcomes));
}

/** What the two versions say of the same criterion. */
export const OURS = { value: 5, note: 'كل شيء نظيف' };
export const THEIRS = { value: 1, note: 'مقاعد مكسورة' };

/** Leaves the visit's A3 with two versions, found by a sync. */
export async function makeConflict(
  world: { device: Device; central: Central; evaluator: Person },
  visit: string,
): Promise<void> {
  const { device, central, evaluator } = world;
  await device.accept(visit);
  await device.answer(visit, 'A3', { value: 3, note: 'الأولى' });
  await device.sync();
  await changeOnServer(central, evaluator, 'A3', THEIRS);
  await device.answer(visit, 'A3', OURS);
  await device.sync();
}
