// A remote visit: calls, chats and the portal, each moment as it happens; their means fill the timed
// criteria, and another number needs a note.

import type { Locator } from '@playwright/test';

import type { Screens } from '../support/screens.ts';
import type { Key } from '../support/words.ts';
import { expect, test } from '../support/test.ts';

type ContactMoment =
  | 'dialled'
  | 'answered'
  | 'held'
  | 'resumed'
  | 'sent'
  | 'replied'
  | 'started'
  | 'completed'
  | 'ended';

/** A contact's card: its channel and its number among those of the channel. */
function contact(screens: Screens, channel: string, number: number): Locator {
  const name = screens.words.say('visit_contact_name', {
    channel: screens.words.say(`visit_channel_${channel}` as Key),
    number,
  });
  return screens.page.getByRole('article', { name, exact: true });
}

async function note(screens: Screens, card: Locator, moment: ContactMoment, at: string) {
  const name = screens.words.say(`visit_moment_${moment}`);
  await screens.setTime(screens.button('visit_time_enter', { moment: name }, card), at);
  await expect(card.locator('time').last()).toHaveText(at);
}

test('contacts are noted, their means fill the criteria, an override needs a note', async ({
  screens,
  page,
  begin,
  device,
  words,
}) => {
  const [visit = ''] = await begin([{ model: 'remote' }]);
  await device.accept(visit);
  await screens.open(`/visits/${visit}`);
  await screens.expectTitle('visit_times_title');
  await expect(screens.text('visit_contacts_none')).toBeVisible();

  await test.step('a call with two holds', async () => {
    await screens.button('visit_channel_phone').click();
    const call = contact(screens, 'phone', 1);
    await expect(call).toBeVisible();
    // Only what may come next is offered.
    await expect(screens.button('visit_moment_dialled', undefined, call)).toBeVisible();
    await expect(screens.button('visit_moment_answered', undefined, call)).toHaveCount(0);
    await note(screens, call, 'dialled', '10:00:00');
    await note(screens, call, 'answered', '10:00:40');
    await note(screens, call, 'held', '10:01:00');
    await note(screens, call, 'resumed', '10:02:00');
    await note(screens, call, 'held', '10:03:00');
    await note(screens, call, 'resumed', '10:03:30');
    await note(screens, call, 'ended', '10:05:00');
    await expect(
      screens.text('visit_contact_ended', undefined, call.locator('header')),
    ).toBeVisible();
  });

  await test.step('a call nobody answers counts for nothing but itself', async () => {
    await screens.button('visit_channel_phone').click();
    const call = contact(screens, 'phone', 2);
    await note(screens, call, 'dialled', '10:10:00');
    await note(screens, call, 'ended', '10:11:00');
  });

  await test.step('a third call, tapped', async () => {
    await screens.button('visit_channel_phone').click();
    const call = contact(screens, 'phone', 3);
    await screens.button('visit_moment_dialled', undefined, call).click();
    await expect(screens.button('visit_moment_answered', undefined, call)).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(screens.button('visit_moment_held', undefined, call)).toBeVisible();
    const edit = (at: number, moment: ContactMoment) =>
      screens
        .button('visit_time_edit', { moment: words.say(`visit_moment_${moment}`) }, call)
        .nth(at);
    await screens.setTime(edit(0, 'dialled'), '10:20:00');
    await screens.setTime(edit(0, 'answered'), '10:21:20');
    await screens.button('visit_moment_ended', undefined, call).click();
    await expect(
      screens.text('visit_contact_ended', undefined, call.locator('header')),
    ).toBeVisible();
  });

  await test.step('a chat and the portal', async () => {
    await screens.button('visit_channel_chat').click();
    const chat = contact(screens, 'chat', 1);
    await note(screens, chat, 'sent', '11:00:00');
    await note(screens, chat, 'replied', '11:01:30');
    await screens.button('visit_channel_portal').click();
    const portal = contact(screens, 'portal', 1);
    await note(screens, portal, 'started', '12:00:00');
    await note(screens, portal, 'completed', '12:07:30');
  });

  await test.step('the device derives the means', async () => {
    const { derived, contacts } = await device.visit(visit);
    expect(contacts.map(({ channel }) => channel)).toEqual([
      'phone',
      'phone',
      'phone',
      'chat',
      'portal',
    ]);
    // 40 s and 80 s; two holds of one answered call add up, the other had none; 90 s; 7.5 min.
    expect(Object.fromEntries(derived.map(({ criterion, value }) => [criterion, value]))).toEqual({
      T1: '60',
      T2: '45',
      M1: '90',
      M2: '7.5',
    });
  });

  await test.step('they are the answers', async () => {
    await screens.step('visit_step_score').click();
    for (const [id, value] of [
      ['T1', '60'],
      ['T2', '45'],
      ['M1', '90'],
      ['M2', '7.5'],
    ] as const) {
      await screens.reveal(id);
      await expect(screens.number(id)).toHaveValue(value);
    }
    await screens.reveal('T1');
    await expect(
      screens.criterion('T1').getByText(words.like('visit_means_of', { shown: 2 })),
    ).toBeVisible();
  });

  await test.step('another number needs a note, and the derived one is one tap away', async () => {
    const card = screens.criterion('T1');
    await screens.number('T1').fill('45');
    await screens.number('T1').blur();
    await screens.expectSaved('T1');
    await expect(screens.text('visit_derived_differs', undefined, card)).toBeVisible();
    await expect(screens.text('visit_missing_override', undefined, card)).toBeVisible();
    expect((await device.visit(visit)).missing).toContainEqual(
      expect.objectContaining({ code: 'note.override', criterion: 'T1' }),
    );
    await screens.note('T1').fill('انقطع الخط في المكالمة الثالثة');
    await screens.note('T1').blur();
    await screens.expectSaved('T1');
    await expect(screens.text('visit_missing_override', undefined, card)).toHaveCount(0);

    await screens.button('visit_derived_use', undefined, card).click();
    await expect(screens.number('T1')).toHaveValue('60');
    await expect(screens.text('visit_derived_differs', undefined, card)).toHaveCount(0);
  });

  await test.step('a contact that is removed can be put back, and the means follow', async () => {
    await screens.step('visit_step_times').click();
    const name = words.say('visit_contact_name', {
      channel: words.say('visit_channel_phone'),
      number: 3,
    });
    await screens.button('visit_contact_remove', { contact: name }).click();
    await expect(contact(screens, 'phone', 3)).toHaveCount(0);
    expect(
      (await device.visit(visit)).answers.find(({ criterion }) => criterion === 'T1')?.value,
    ).toBe('40');
    await screens.button('visit_times_put_back').click();
    await expect(contact(screens, 'phone', 3)).toBeVisible();
    await expect
      .poll(
        async () =>
          (await device.visit(visit)).answers.find(({ criterion }) => criterion === 'T1')?.value,
      )
      .toBe('60');
  });
});
