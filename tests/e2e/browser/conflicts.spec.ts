// The same record changed here and on the server: both versions are shown, a person chooses, the other
// stays in the history.

import { randomUUID } from 'node:crypto';

import type { Central } from '../support/central.mjs';
import type { Device } from '../support/device.ts';
import type { Person } from '../support/programme.mjs';
import { expect, test } from '../support/test.ts';
import type { Wire } from '../support/wire.ts';

interface Record {
  id: string;
  kind: string;
  body: { visit: string; answer: { criterion: string; value: unknown; note?: string }; at: number };
}

/** The record of an answer as the device last sent it. */
function sentAnswer(wire: Wire, criterion: string): Record {
  const bodies = wire.heard
    .split(/\r\n\r\n|(?=POST |PUT |GET )/)
    .filter((part) => part.startsWith('{"operations"'));
  const records = bodies.flatMap((body) =>
    (JSON.parse(body) as { operations: { record: Record }[] }).operations.map(
      ({ record }) => record,
    ),
  );
  const found = records.findLast(
    ({ kind, body }) => kind === 'answer' && body.answer.criterion === criterion,
  );
  if (!found) throw new Error(`no answer of ${criterion} was sent`);
  return found;
}

/** Another copy of the same device (one put back from a backup) has sent another answer meanwhile. */
async function changeOnServer(
  central: Central,
  person: Person,
  sent: Record,
  answer: { value: unknown; note: string },
): Promise<void> {
  const session = await central.signIn(person.user, person.password);
  const body = {
    ...sent.body,
    answer: { ...sent.body.answer, ...answer },
    at: sent.body.at + 1000,
  };
  const record = { ...sent, body, base_rev: 1, rev: 0, schema_v: 1 };
  const operations = [{ op_id: randomUUID(), record }];
  const { outcomes } = await session.post<{ outcomes: { result: string }[] }>('/api/sync/push', {
    operations,
  });
  expect(outcomes).toMatchObject([{ result: 'applied' }]);
}

async function makeConflict(
  world: { device: Device; wire: Wire; central: Central; evaluator: Person },
  visit: string,
): Promise<void> {
  const { device, wire, central, evaluator } = world;
  await device.accept(visit);
  await device.answer(visit, 'A3', { value: 3, note: 'الأولى' });
  await device.sync();
  await changeOnServer(central, evaluator, sentAnswer(wire, 'A3'), {
    value: 1,
    note: 'مقاعد مكسورة',
  });
  await device.answer(visit, 'A3', { value: 5, note: 'كل شيء نظيف' });
  await device.sync();
}

for (const keep of ['ours', 'theirs'] as const) {
  test(`two versions of an answer: ${keep} is kept`, async ({
    screens,
    page,
    begin,
    device,
    wire,
    central,
    evaluator,
    words,
  }) => {
    const [visit = ''] = await begin([{}]);
    await makeConflict({ device, wire, central, evaluator }, visit);
    await screens.open('/sync');
    await expect(page.getByRole('banner')).toContainText(words.say('app_pill_attention'));
    await screens.link('app_conflicts_go').click();
    await screens.expectTitle('app_conflicts_title');
    const conflict = page.locator('main').getByRole('article');
    await expect(conflict).toHaveCount(1);
    await expect(conflict).toContainText('A3');
    for (const seen of ['كل شيء نظيف', 'مقاعد مكسورة']) await expect(conflict).toContainText(seen);

    await screens.button(`app_conflict_keep_${keep}`, undefined, conflict).click();
    await expect(conflict).toHaveCount(0);
    await expect(screens.text('app_conflicts_none')).toBeVisible();
    const kept =
      keep === 'ours' ? { value: 5, note: 'كل شيء نظيف' } : { value: 1, note: 'مقاعد مكسورة' };
    expect((await device.visit(visit)).answers).toMatchObject([{ criterion: 'A3', ...kept }]);

    await device.sync();
    const { conflicts, unsent_records } = await device.get<{
      conflicts: number;
      unsent_records: number;
    }>('/ledger');
    expect([conflicts, unsent_records]).toEqual([0, 0]);
    await screens.go(`/visits/${visit}/score`);
    await expect(screens.choice('A3', String(kept.value))).toBeChecked();
    await expect(screens.note('A3')).toHaveValue(kept.note);
  });
}
