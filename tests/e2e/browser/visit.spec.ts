// A whole visit with the mouse: taken, timed, scored, submitted, sent, returned, submitted again.

import { bring } from '../support/drops.ts';
import { png } from '../support/files.ts';
import type { ReviewItem, ReviewVisit } from '../support/review.ts';
import { expect, test } from '../support/test.ts';

const QUESTION = 'كم لوحة إرشادية رأيت في الطريق؟';

test('a visit is made, submitted, returned and submitted again', async ({
  screens,
  page,
  begin,
  device,
  programme,
  words,
}) => {
  test.setTimeout(120_000);
  const [visit = '', other = ''] = await begin([{}, {}]);
  const value = (key: Parameters<typeof words.say>[0]) => words.say(key);
  await screens.open();

  await test.step('another visit is declined, with a reason', async () => {
    await screens.visit(other).click();
    await screens.button('visit_decline').click();
    const dialog = screens.dialog('visit_decline_title');
    await screens.button('visit_decline_confirm', undefined, dialog).click();
    await expect(screens.text('visit_decline_reason_missing')).toBeVisible();
    await dialog.getByLabel(words.say('visit_decline_reason'), { exact: true }).fill('سفر عائلي');
    await screens.button('visit_decline_confirm', undefined, dialog).click();
    await screens.expectTitle('app_visits_title');
    await expect(screens.visit(other)).toContainText(value('app_state_declined'));
  });

  await test.step('the brief is read; both declarations open the way', async () => {
    await screens.visit(visit).click();
    await screens.expectTitle('visit_brief_title');
    const language = words.language;
    await expect(page.getByText('10 دنانير').or(page.getByText('10 dinars'))).toBeVisible();
    await expect(page.locator('html')).toHaveAttribute('lang', language);
    const accept = screens.button('visit_accept');
    await expect(accept).toBeDisabled();
    await screens.tick('visit_accept_interest').check();
    await expect(accept).toBeDisabled();
    await screens.tick('visit_accept_brief').check();
    await accept.click();
    await screens.expectTitle('visit_times_title');
  });

  await test.step('times are tapped, corrected, removed and put back', async () => {
    await screens.button('visit_moment_arrived').click();
    await expect(screens.moment('arrived').locator('time')).toBeVisible();
    await screens.setTime(screens.momentButton('visit_time_edit', 'arrived'), '09:00:00');
    await expect(screens.moment('arrived').locator('time')).toHaveText('09:00:00');
    for (const [moment, time] of [
      ['ticket', '09:02:00'],
      ['greeted', '09:01:30'],
      ['called', '09:01:00'],
    ] as const) {
      await screens.setTime(screens.momentButton('visit_time_enter', moment), time);
    }
    await expect(screens.text('visit_waits_impossible').first()).toBeVisible();
    const backwards = {
      earlier: words.say('visit_moment_ticket'),
      later: words.say('visit_moment_called'),
    };
    await expect(screens.text('visit_missing_order', backwards)).toBeVisible();

    await screens.setTime(screens.momentButton('visit_time_edit', 'greeted'), '09:02:10');
    await screens.setTime(screens.momentButton('visit_time_edit', 'called'), '09:24:30');
    await expect(screens.text('visit_missing_order', backwards)).toHaveCount(0);
    await screens.setTime(screens.momentButton('visit_time_enter', 'done'), '09:36:30');
    await screens.setTime(screens.momentButton('visit_time_enter', 'left'), '09:40:00');

    await screens.momentButton('visit_time_remove', 'left').click();
    await expect(screens.moment('left').locator('time')).toHaveCount(0);
    await screens.button('visit_times_put_back').click();
    await expect(screens.moment('left').locator('time')).toHaveText('09:40:00');
    const { times } = await device.visit(visit);
    expect(times.map(({ moment }) => moment).toSorted()).toEqual([
      'arrived',
      'called',
      'done',
      'greeted',
      'left',
      'ticket',
    ]);
  });

  await test.step('the times have filled their criteria', async () => {
    await screens.step('visit_step_score').click();
    await screens.reveal('B1');
    await expect(screens.number('B1')).toHaveValue('22.5');
    await screens.reveal('B2');
    await expect(screens.number('B2')).toHaveValue('12');
  });

  await test.step('every scale takes an answer', async () => {
    const give = async (id: string, word: string) => {
      await screens.reveal(id);
      await screens.choice(id, word).click();
      await screens.expectSaved(id);
    };
    await give('A1', value('visit_value_yes'));
    await give('A2', value('visit_value_partly'));
    await give('A3', '4');
    await give('A3', '5');
    await give('A4', value('visit_value_no'));
    await give('B4', value('visit_value_leading'));
    // Either family of digits, and a comma.
    await screens.reveal('B3');
    await screens.number('B3').fill('٧٢٫٥');
    await screens.number('B3').blur();
    await screens.expectSaved('B3');
    const { answers } = await device.visit(visit);
    const given = Object.fromEntries(answers.map(({ criterion, value }) => [criterion, value]));
    expect(given).toMatchObject({ A1: true, A2: 'partly', A3: 5, A4: false, B3: '72.5' });
    await expect(page.getByText(/\d+([.,]\d+)?\s*\/\s*100/), 'no draft score').toHaveCount(0);
  });

  await test.step('undo gives the answer before, and its button too', async () => {
    await screens.reveal('A3');
    await screens.button('visit_undo_one', { id: 'A3' }).click();
    await expect(screens.choice('A3', '4')).toBeChecked();
    await screens.choice('A3', '5').click();
    await screens.expectSaved('A3');
    await screens.button('visit_undo').click();
    await expect(screens.choice('A3', '4')).toBeChecked();
    await screens.choice('A3', '5').click();
    await screens.expectSaved('A3');
  });

  await test.step('not applicable and not evaluated need a reason', async () => {
    const card = await screens.reveal('B5');
    await card.getByRole('button', { name: words.like('visit_na') }).click();
    await expect(screens.text('visit_reason_required', undefined, card)).toBeVisible();
    expect((await device.visit(visit)).answers.some(({ criterion }) => criterion === 'B5')).toBe(
      false,
    );
    await card.getByLabel(words.say('visit_na_reason'), { exact: true }).fill('لا تُعرض بيانات هنا');
    await card.getByRole('button', { name: words.like('visit_ne') }).click();
    await card.getByLabel(words.say('visit_ne_reason'), { exact: true }).fill('لم أبلغ المنفذ');
    await card.getByLabel(words.say('visit_ne_reason'), { exact: true }).press('Enter');
    await screens.expectSaved('B5');
    const answer = (await device.visit(visit)).answers.find(({ criterion }) => criterion === 'B5');
    expect(answer).toMatchObject({ value: null, na: null, ne: 'لم أبلغ المنفذ' });
  });

  await test.step('notes are kept as they are written', async () => {
    const asked = screens.text('visit_missing_note', undefined, await screens.reveal('A2'));
    await expect(asked).toBeVisible();
    for (const id of ['A2', 'A4', 'B1', 'B3']) {
      await screens.reveal(id);
      await screens.note(id).fill(`ملاحظة على ${id}: كما شوهد وسُمع`);
    }
    for (const id of ['B3', 'A2']) {
      await screens.reveal(id);
      await screens.expectSaved(id);
    }
    await expect(asked).toHaveCount(0);
    const { answers } = await device.visit(visit);
    expect(answers.filter(({ note }) => note?.startsWith('ملاحظة على'))).toHaveLength(4);
  });

  await test.step('the check names what is missing and leads there', async () => {
    await screens.step('visit_step_check').click();
    await screens.expectTitle('visit_check_title');
    const evidence = page.getByRole('region', { name: words.like('visit_group_evidence') });
    await evidence.getByRole('link', { name: /A1/ }).click();
    await expect(screens.button('visit_attach', undefined, screens.criterion('A1'))).toBeFocused();
  });

  await test.step('evidence comes by file, drop, paste and camera', async () => {
    const choosing = page.waitForEvent('filechooser');
    await screens.button('visit_attach', undefined, screens.criterion('A1')).click();
    await (await choosing).setFiles({ name: 'مدخل.png', mimeType: 'image/png', buffer: png(1) });
    await expect(screens.evidence('A1')).toHaveCount(1);

    const dropped = { name: 'لوحة.png', type: 'image/png', bytes: png(2) };
    await bring('drop', screens.criterion('A2'), dropped);
    const kinds = screens.dialog('visit_kind_title', { id: 'A2' });
    await screens.button('visit_evidence_screenshot', undefined, kinds).click();
    await expect(screens.evidence('A2')).toHaveCount(1);

    await screens.reveal('B2');
    await screens.criterion('B2').getByRole('heading').click();
    const pasted = { name: 'image.png', type: 'image/png', bytes: png(3) };
    await bring('paste', screens.criterion('B2'), pasted);
    await expect(screens.evidence('B2')).toHaveCount(1);

    await screens.reveal('A1');
    await screens.button('visit_camera', undefined, screens.criterion('A1')).click();
    await screens.button('visit_camera_shoot').click();
    await expect(screens.evidence('A1')).toHaveCount(2);
    await expect(screens.evidence('A1').locator('img')).toHaveCount(2);

    await screens.reveal('B2');
    await screens
      .button(
        'visit_evidence_remove',
        { kind: value('visit_evidence_receipt') },
        screens.criterion('B2'),
      )
      .click();
    await screens
      .button('visit_evidence_remove_confirm', undefined, page.getByRole('alertdialog'))
      .click();
    await expect(screens.evidence('B2')).toHaveCount(0);
    const { evidence } = await device.visit(visit);
    expect(evidence.map(({ criterion }) => criterion).toSorted()).toEqual(['A1', 'A1', 'A2']);
  });

  await test.step('a file that is no evidence is refused with words and stays in view', async () => {
    const refused = {
      name: 'x.svg',
      type: 'image/svg+xml',
      bytes: Buffer.from('\x00\x01\x02\x03'),
    };
    await screens.reveal('A1');
    await bring('drop', screens.criterion('A1'), refused);
    await expect(screens.like('error_evidence_type', {}, screens.criterion('A1'))).toBeVisible();
    await screens.button('visit_discard', undefined, screens.criterion('A1')).click();
    await expect(screens.like('error_evidence_type', {}, screens.criterion('A1'))).toHaveCount(0);
  });

  const sealed = async (revision: number) => {
    await screens.step('visit_step_check').click();
    await expect(screens.text('visit_check_ready')).toBeVisible();
    const submit = screens.button('visit_submit');
    await expect(submit).toBeDisabled();
    await screens.tick('visit_declaration').check();
    await submit.click();
    await screens.button('visit_submit_confirm', undefined, page.getByRole('alertdialog')).click();
    await screens.expectTitle('visit_sealed_title');
    const { seals } = await device.visit(visit);
    const seal = seals.at(-1);
    expect(seal?.revision).toBe(revision);
    await expect(page.locator('main').getByText(seal?.sha256 ?? '?')).toBeVisible();
    return seal?.sha256;
  };
  const first = await test.step('submitted, the visit is sealed', async () => {
    const sha256 = await sealed(1);
    await screens.step('visit_step_score').click();
    await expect(screens.text('visit_read_only')).toBeVisible();
    await screens.reveal('A3');
    await expect(screens.choice('A3', '0')).toHaveAttribute('aria-disabled', 'true');
    return sha256;
  });

  const reviewer = await programme.reviewer();
  await test.step('a sync brings it to the server, with its files', async () => {
    await screens.sync();
    await expect(page.locator('main table').first()).toContainText(value('app_delivery_sent'));
    const queue = await reviewer.get<ReviewItem[]>('/api/review/queue');
    const item = queue.find((one) => one.visit === visit);
    expect(item).toMatchObject({ revision: 1, evidence_missing: 0 });
    const review = await reviewer.post<ReviewVisit>(`/api/visits/${visit}/review`);
    expect(review.sealed.sha256).toBe(first);
    expect((await programme.visit(other)).state).toBe('declined');
  });

  await test.step('the reviewer asks; the question is on its criterion', async () => {
    const questions = [{ criterion: 'A2', text: QUESTION }];
    await reviewer.post(`/api/visits/${visit}/return`, { questions });
    await screens.sync();
    await screens.go('/visits');
    await expect(screens.visit(visit)).toContainText(value('app_state_returned'));
    await screens.visit(visit).click();
    await expect(screens.criterion('A2').getByText(QUESTION)).toBeVisible();
    await expect(screens.criterion('A3'), 'only what is asked about').toHaveCount(0);
  });

  await test.step('the answer is mended and goes as revision 2', async () => {
    await screens.note('A2').fill('لوحتان: واحدة عند الدوار وأخرى عند المدخل');
    await screens.note('A2').blur();
    await screens.expectSaved('A2');
    const second = await sealed(2);
    expect(second).not.toBe(first);
    await screens.sync();
    const review = await reviewer.post<ReviewVisit>(`/api/visits/${visit}/review`);
    expect(review.item.revision).toBe(2);
    expect(review.sealed.sha256).toBe(second);
    expect(review.sealed.document).toContain('لوحتان');
    expect((await device.visit(visit)).seals, 'the first seal is kept').toHaveLength(2);
  });
});
