// The same record changed here and on the server: both versions are shown, a person chooses, the other
// stays in the history.

import { makeConflict, OURS, THEIRS } from '../support/conflict.ts';
import { expect, test } from '../support/test.ts';

for (const keep of ['ours', 'theirs'] as const) {
  test(`two versions of an answer: ${keep} is kept`, async ({
    screens,
    page,
    begin,
    device,
    central,
    evaluator,
    words,
  }) => {
    const [visit = ''] = await begin([{}]);
    await makeConflict({ device, central, evaluator }, visit);
    await screens.open('/sync');
    await expect(page.getByRole('banner')).toContainText(words.say('app_pill_attention'));
    await screens.link('app_conflicts_go').click();
    await screens.expectTitle('app_conflicts_title');
    const conflict = page.locator('main').getByRole('article');
    await expect(conflict).toHaveCount(1);
    await expect(conflict).toContainText('A3');
    for (const { note } of [OURS, THEIRS]) await expect(conflict).toContainText(note);

    await screens.button(`app_conflict_keep_${keep}`, undefined, conflict).click();
    await expect(conflict).toHaveCount(0);
    await expect(screens.text('app_conflicts_none')).toBeVisible();
    const kept = keep === 'ours' ? OURS : THEIRS;
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
