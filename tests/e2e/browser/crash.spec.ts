// The program dies the moment "saved" shows (a flat battery, SIGKILL). Opened again on the same home,
// it has everything that showed as saved.

import { PASSPHRASE } from '../support/device.ts';
import { png } from '../support/files.ts';
import { expect, test } from '../support/test.ts';

test('what showed as saved outlives the death of the program', async ({
  screens,
  page,
  begin,
  device,
  guard,
  words,
}) => {
  guard.expectUnreachable();
  const [visit = ''] = await begin([{}]);
  await device.accept(visit);

  /** Kills the program, starts it on the same home, comes back through the passphrase. */
  const dieAndReturn = async (where: string) => {
    await device.kill();
    await device.open();
    await screens.open(where);
    await screens.unlock(PASSPHRASE);
    await expect(
      page.getByRole('navigation', { name: words.say('visit_steps_label') }),
    ).toBeVisible();
  };

  for (const level of ['3', '1', '5']) {
    await test.step(`an answer: ${level}`, async () => {
      await screens.open(`/visits/${visit}/score`);
      await screens.choice('A3', level).click();
      await screens.expectSaved('A3');
      await dieAndReturn(`/visits/${visit}/score`);
      await expect(screens.choice('A3', level)).toBeChecked();
    });
  }

  await test.step('a note', async () => {
    await screens.note('A3').fill('أرضية لامعة ومقاعد مرتبة');
    await screens.expectSaved('A3');
    await dieAndReturn(`/visits/${visit}/score`);
    await expect(screens.note('A3')).toHaveValue('أرضية لامعة ومقاعد مرتبة');
  });

  await test.step('a reason', async () => {
    const card = screens.criterion('A4');
    await card.getByRole('button', { name: words.like('visit_na') }).click();
    await card.getByLabel(words.say('visit_na_reason')).fill('الخدمة في الطابق الأرضي');
    await card.getByLabel(words.say('visit_na_reason')).press('Enter');
    await screens.expectSaved('A4');
    await dieAndReturn(`/visits/${visit}/score`);
    await expect(card.getByLabel(words.say('visit_na_reason'))).toHaveValue(
      'الخدمة في الطابق الأرضي',
    );
  });

  await test.step('evidence, byte for byte', async () => {
    const choosing = page.waitForEvent('filechooser');
    await screens.button('visit_attach', undefined, screens.criterion('A1')).click();
    const buffer = png(31, { noise: 300_000 });
    await (await choosing).setFiles({ name: 'a.png', mimeType: 'image/png', buffer });
    await expect(screens.evidence('A1')).toHaveCount(1);
    await dieAndReturn(`/visits/${visit}/score`);
    await expect(screens.evidence('A1')).toHaveCount(1);
    const { evidence } = await device.visit(visit);
    const kept = await fetch(`${device.address}/api/device/evidence/${evidence[0]?.sha256 ?? ''}`);
    expect(Buffer.from(await kept.arrayBuffer()).equals(buffer)).toBe(true);
  });

  await test.step('times', async () => {
    await screens.step('visit_step_times').click();
    for (const moment of ['arrived', 'ticket'] as const) {
      await screens.button(`visit_moment_${moment}`).click();
      const time = screens.moment(moment).locator('time');
      await expect(time).toBeVisible();
      const shown = await time.textContent();
      await dieAndReturn(`/visits/${visit}/times`);
      await expect(time).toHaveText(shown ?? '');
    }
  });

  await test.step('and the work goes on', async () => {
    const { answers, times, evidence } = await device.visit(visit);
    expect([answers.length, times.length, evidence.length]).toEqual([2, 2, 1]);
    await device.sync();
  });
});

test('a device that is gone is told at once, and nothing typed is dropped', async ({
  screens,
  page,
  begin,
  device,
  guard,
}) => {
  guard.expectUnreachable();
  const [visit = ''] = await begin([{}]);
  await device.accept(visit);
  await screens.open(`/visits/${visit}/score`);
  await expect(screens.criterion('A3')).toBeVisible();
  await device.kill();
  await screens.choice('A3', '2').click();
  const card = screens.criterion('A3');
  await expect(card.getByRole('alert')).toBeVisible();
  await expect(screens.text('app_save_failed', undefined, page.getByRole('banner'))).toBeVisible();
  await expect(screens.choice('A3', '2')).toBeChecked();
  await device.open();
  await device.unlockIfLocked();
  await screens.button('visit_retry', undefined, card).click();
  await screens.expectSaved('A3');
  expect((await device.visit(visit)).answers).toMatchObject([{ criterion: 'A3', value: 2 }]);
});
