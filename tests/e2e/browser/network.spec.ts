// The server out of reach, slow, or lost in the middle of a file: what the sync page says in each,
// and that in the end everything is there once.

import { createHash } from 'node:crypto';

import type { VisitView } from '../support/device.ts';
import { png } from '../support/files.ts';
import type { Programme } from '../support/programme.mjs';
import type { ReviewItem, ReviewVisit, SealedDocument } from '../support/review.ts';
import { expect, test } from '../support/test.ts';
import { completeVisit, NOTES } from '../support/work.ts';

test('a server out of reach: the words, the remedy, and everything still here', async ({
  screens,
  page,
  begin,
  device,
  wire,
  words,
  programme,
}) => {
  const [visit = ''] = await begin([{}]);
  await completeVisit(device, visit, [png(21)]);
  await device.post(`/visits/${visit}/submit`, { followed_brief: true });
  await wire.down();
  await screens.open('/sync');
  await screens.button('app_sync_start').click();
  const alert = page.locator('main').getByRole('alert');
  await expect(alert).toContainText(words.say('app_sync_failed_title'));
  await expect(alert).toContainText(words.say('error_server_unreachable'));
  await expect(page.getByRole('banner')).toContainText(words.say('app_pill_offline'));
  await expect(page.locator('main table').first()).toContainText(words.say('app_delivery_waiting'));

  await screens.go('/visits');
  await expect(screens.visit(visit)).toContainText(words.say('app_delivery_waiting'));
  await screens.go('/sync');

  await wire.up();
  await screens.button('app_retry', undefined, alert).click();
  await expect(alert).toContainText(words.like('app_sync_done'));
  await expect(page.locator('main table').first()).toContainText(words.say('app_delivery_sent'));
  await expect(page.getByRole('banner')).toContainText(words.say('app_pill_clear'));
  expect((await programme.visit(visit)).state).toBe('submitted');

  await test.step('synced again, there is nothing new', async () => {
    await screens.button('app_sync_start').click();
    await expect(alert).toContainText(words.say('app_sync_nothing_new'));
  });
});

test('a slow server: what is under way is told, and it can be stopped and taken up', async ({
  screens,
  page,
  begin,
  device,
  wire,
  words,
  programme,
}) => {
  const [visit = ''] = await begin([{}]);
  await completeVisit(device, visit, [png(22, { noise: 600_000 }), png(23, { noise: 600_000 })]);
  await device.post(`/visits/${visit}/submit`, { followed_brief: true });
  wire.slow(300_000);
  await screens.open('/sync');
  await screens.button('app_sync_start').click();
  const progress = page.getByRole('progressbar', { name: words.say('app_sync_running') });
  await expect(progress).toHaveAttribute(
    'aria-valuetext',
    words.like('app_sync_stage_of', { stage: words.say('app_stage_sending_files') }),
  );
  await screens.button('app_sync_cancel').click();
  const alert = page.locator('main').getByRole('alert');
  await expect(alert).toContainText(words.say('app_sync_cancelled_title'));
  const { unsent_files } = await device.get<{ unsent_files: number }>('/ledger');
  expect(unsent_files).toBeGreaterThan(0);
  await expect(page.locator('main table').first()).toContainText(
    words.say('app_delivery_files_waiting'),
  );

  await wire.up();
  await screens.button('app_sync_start').click();
  await expect(alert).toContainText(words.like('app_sync_done'), { timeout: 20_000 });
  const reviewer = await programme.reviewer();
  const queue = await reviewer.get<ReviewItem[]>('/api/review/queue');
  expect(queue.filter((one) => one.visit === visit)).toMatchObject([
    { revision: 1, evidence_missing: 0 },
  ]);
});

/** The server has the visit with its files, whole and once. */
async function expectWhole(programme: Programme, before: VisitView, visit: string) {
  const reviewer = await programme.reviewer();
  const queue = await reviewer.get<ReviewItem[]>('/api/review/queue');
  const items = queue.filter((one) => one.visit === visit);
  expect(items).toMatchObject([{ revision: 1, evidence_missing: 0 }]);
  const { sealed } = await reviewer.post<ReviewVisit>(`/api/visits/${visit}/review`);
  expect(sealed.sha256).toBe(before.seals[0]?.sha256);
  const document = JSON.parse(sealed.document) as SealedDocument;
  expect(document.answers).toHaveLength(before.answers.length);
  expect(document.answers.find(({ criterion }) => criterion === 'A2')?.note).toBe(NOTES.A2);
  expect(document.evidence).toHaveLength(before.evidence.length);
  for (const { sha256 } of document.evidence) {
    const bytes = await reviewer.bytes(`/api/evidence/${sha256}`);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256);
  }
}

test('cut in the middle of a file, a sync is completed by the next; nothing is lost or doubled', async ({
  screens,
  page,
  begin,
  device,
  wire,
  words,
  programme,
}) => {
  const [visit = ''] = await begin([{}]);
  const files = [png(24, { noise: 900_000 }), png(25, { noise: 900_000 })];
  await completeVisit(device, visit, files);
  await device.post(`/visits/${visit}/submit`, { followed_brief: true });
  const before = await device.visit(visit);

  wire.dieAfter(400_000);
  await screens.open('/sync');
  const alert = page.locator('main').getByRole('alert');
  await screens.button('app_sync_start').click();
  // The device tries again by itself for a while before it says so.
  await expect(alert).toContainText(words.say('app_sync_failed_title'), { timeout: 40_000 });
  await expect(alert).toContainText(words.say('error_server_unreachable'));
  expect(wire.broken, 'the wire broke in the middle').toBe(1);
  await expect(page.locator('main table').first()).toContainText(
    words.say('app_delivery_files_waiting'),
  );
  expect(await device.visit(visit)).toMatchObject({
    answers: before.answers,
    evidence: before.evidence.map(({ sha256 }) => ({ sha256 })),
  });

  await wire.up();
  await screens.button('app_sync_start').click();
  await expect(alert).toContainText(words.like('app_sync_done'), { timeout: 20_000 });
  await expect(page.locator('main table').first()).toContainText(words.say('app_delivery_sent'));
  await expectWhole(programme, before, visit);
});

test('a wire that breaks again and again gets the files through in one sync', async ({
  screens,
  page,
  begin,
  device,
  wire,
  words,
  programme,
}) => {
  const [visit = ''] = await begin([{}]);
  const files = [png(26, { noise: 900_000 }), png(27, { noise: 900_000 })];
  await completeVisit(device, visit, files);
  await device.post(`/visits/${visit}/submit`, { followed_brief: true });
  const before = await device.visit(visit);

  // Less than one part of a file: each connection brings some of it.
  wire.breakAfter(200_000);
  await screens.open('/sync');
  await screens.button('app_sync_start').click();
  const alert = page.locator('main').getByRole('alert');
  await expect(alert).toContainText(words.like('app_sync_done'), { timeout: 40_000 });
  expect(wire.broken, 'the wire broke in the middle').toBeGreaterThanOrEqual(5);
  await expectWhole(programme, before, visit);
});

test('answers given while a sync runs are kept and go with the next', async ({
  screens,
  page,
  begin,
  device,
  wire,
  words,
}) => {
  const [visit = ''] = await begin([{}]);
  await completeVisit(device, visit, []);
  wire.slow(3_000);
  await screens.open(`/visits/${visit}/score`);
  await screens.reveal('A3');
  await device.post('/sync');
  await expect(page.getByRole('banner')).toContainText(words.say('app_stage_pushing'));
  await screens.choice('A3', '4').click();
  await screens.expectSaved('A3');
  await wire.up();
  await device.sync();
  await device.sync();
  await expect(screens.choice('A3', '4')).toBeChecked();
  const { unsent_records } = await device.get<{ unsent_records: number }>('/ledger');
  expect(unsent_records).toBe(0);
  expect(
    (await device.visit(visit)).answers.find(({ criterion }) => criterion === 'A3')?.value,
  ).toBe(4);
});

test('a visit that is taken back while it is worked on leaves the work here', async ({
  screens,
  page,
  begin,
  device,
  words,
  programme,
}) => {
  const [visit = ''] = await begin([{}]);
  await device.accept(visit);
  await device.sync();
  await device.answer(visit, 'A3', { value: 4 });
  await programme.team.post(`/api/visits/${visit}/cancel`, { reason: 'أُغلق المركز' });
  await screens.open('/sync');
  await screens.sync();
  await screens.go('/visits');
  await expect(screens.visit(visit)).toContainText(words.say('app_state_cancelled'));
  await screens.visit(visit).click();
  await expect(screens.text('visit_over')).toBeVisible();
  expect((await device.visit(visit)).answers).toHaveLength(1);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
});

test('what the server refuses is kept, told with its reason, and can be sent again', async ({
  screens,
  page,
  begin,
  device,
  words,
  programme,
}) => {
  const [visit = ''] = await begin([{}]);
  await completeVisit(device, visit, [png(27)]);
  await device.sync();
  await programme.team.post(`/api/visits/${visit}/cancel`, { reason: 'أُغلق المركز' });
  await device.post(`/visits/${visit}/submit`, { followed_brief: true });
  const before = await device.visit(visit);
  await screens.open('/sync');
  await screens.button('app_sync_start').click();
  const alert = page.locator('main').getByRole('alert');
  await expect(alert).toContainText(words.like('app_sync_done_troubled'));
  await expect(page.getByRole('banner')).toContainText(words.say('app_pill_attention'));
  const refused = page.getByRole('region', { name: words.say('app_rejected_title') });
  await expect(refused).toContainText(words.say('app_record_evaluation'));
  await expect(refused).toContainText(words.say('error_visit_wrong_state'));
  await screens.button('app_rejected_again', undefined, refused).click();
  await expect(page.locator('.toasts')).toContainText(words.say('app_rejected_again_done'));
  await screens.button('app_sync_start').click();
  await expect(alert).toContainText(words.like('app_sync_done_troubled'));
  const after = await device.visit(visit);
  expect(after.answers).toEqual(before.answers);
  expect(after.seals.map(({ sha256 }) => sha256)).toEqual(before.seals.map(({ sha256 }) => sha256));
});
