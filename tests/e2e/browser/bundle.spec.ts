// No network at all: the work goes to the server on a USB stick, and the answer comes back on it.

import { readFile } from 'node:fs/promises';

import { png } from '../support/files.ts';
import type { ReviewItem } from '../support/review.ts';
import { expect, test } from '../support/test.ts';
import { completeVisit } from '../support/work.ts';

test('a visit reaches the server on a stick', async ({
  screens,
  page,
  begin,
  device,
  wire,
  words,
  programme,
}) => {
  const [visit = ''] = await begin([{}]);
  await completeVisit(device, visit, [png(61, { noise: 200_000 })]);
  await device.post(`/visits/${visit}/submit`, { followed_brief: true });
  await wire.down();
  await screens.open('/sync');
  await expect(page.locator('main table').first()).toContainText(words.say('app_delivery_waiting'));

  const bundle = await test.step('the bundle is written, sealed', async () => {
    const downloading = page.waitForEvent('download');
    await screens.button('app_usb_write').click();
    const download = await downloading;
    expect(download.suggestedFilename()).toMatch(/^mizan-.+\.mizb$/);
    await expect(page.locator('main').getByText(download.suggestedFilename())).toBeVisible();
    const bytes = await readFile(await download.path());
    expect(bytes.includes(Buffer.from('اللوحة محجوبة')), 'nothing is in clear').toBe(false);
    expect(bytes.includes(Buffer.from(visit)), 'nothing is in clear').toBe(false);
    return bytes;
  });

  const answer = await test.step('the server takes it in', async () => {
    const answer = await programme.team.exchange('/api/bundles', bundle);
    expect((await programme.visit(visit)).state).toBe('submitted');
    return answer;
  });

  const read = async (bytes: Buffer) => {
    const choosing = page.waitForEvent('filechooser');
    await screens.button('app_usb_read').click();
    const file = { name: 'answer.mizb', mimeType: 'application/octet-stream', buffer: bytes };
    await (await choosing).setFiles(file);
  };

  await test.step('a damaged answer is refused, and nothing of it is taken', async () => {
    const damaged = Buffer.from(answer);
    const middle = Math.floor(damaged.length / 2);
    damaged[middle] = (damaged[middle] ?? 0) ^ 0xff;
    await read(damaged);
    await expect(screens.text('error_bundle_damaged')).toBeVisible();
    expect((await device.visit(visit)).summary.delivery.state).toBe('waiting');
  });

  await test.step('the answer is read: everything has arrived', async () => {
    await read(answer);
    await expect(screens.text('app_usb_taken')).toBeVisible();
    await expect(page.locator('main table').first()).toContainText(words.say('app_delivery_sent'));
    const reviewer = await programme.reviewer();
    const queue = await reviewer.get<ReviewItem[]>('/api/review/queue');
    expect(queue.filter((one) => one.visit === visit)).toMatchObject([
      { revision: 1, evidence_missing: 0 },
    ]);
  });

  await test.step('back on the network, nothing is sent twice', async () => {
    await wire.up();
    await screens.sync();
    const reviewer = await programme.reviewer();
    const queue = await reviewer.get<ReviewItem[]>('/api/review/queue');
    expect(queue.filter((one) => one.visit === visit)).toHaveLength(1);
    const { unsent_records, unsent_files } = await device.get<Record<string, number>>('/ledger');
    expect([unsent_records, unsent_files]).toEqual([0, 0]);
  });
});
