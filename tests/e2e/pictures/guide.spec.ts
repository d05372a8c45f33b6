// The pictures of the guides: one realistic day of an evaluator, walked through the real screens.
// `npm run pictures` writes them to docs/guide/images, in both languages.

import type { Page } from '@playwright/test';

import { PASSPHRASE } from '../support/device.ts';
import { photograph } from '../support/scenes.ts';
import { expect, test } from '../support/test.ts';
import { guideCamera } from './camera.ts';
import { ago, answerMany, mend, realisticProgramme } from './realistic.ts';

const SERVER = 'https://mizan.example.gov';
const ACCOUNT = { ar: 'maryam.alhaddad', en: 'maryam.haddad' };

test('an evaluator’s day', async ({ screens, page, browser, central, wire, device, words }) => {
  const language = words.language;
  const camera = await guideCamera(language);
  const take = (name: string) => camera(page, name);
  const say = words.say;

  const programme = await realisticProgramme(central, language);
  const [sidra, marjan, waha, calls, ghadeer, harbour] = programme.centres;
  if (!sidra || !marjan || !waha || !calls || !ghadeer || !harbour) throw new Error('centres');
  const maryam = { ar: 'مريم الحداد', en: 'Maryam Al-Haddad' };
  const evaluator = await programme.addPerson('evaluator', maryam, ACCOUNT[language]);
  const main = await programme.assign(evaluator, { centre: sidra, from: -3, to: 4 });
  const returned = await programme.assign(evaluator, { centre: marjan, from: -9, to: 1 });
  await programme.assign(evaluator, { centre: waha, from: -1, to: 9 });
  const remote = await programme.assign(evaluator, { centre: calls, from: -2, to: 6 });
  const next = await programme.assign(evaluator, {
    centre: ghadeer,
    kind: 'scheduled',
    from: 5,
    to: 12,
  });
  const done = await programme.assign(evaluator, { centre: harbour, from: -12, to: 2 });
  const photo = await photograph(browser, 'entrance');
  const shots = { photo, screenshot: await photograph(browser, 'map') };

  // The server of the pictures has the address a reader would have, not that of this machine.
  await page.route('**/api/device/state', async (route) => {
    const answer = await route.fetch();
    const text = (await answer.text()).replace(/http:\/\/127\.0\.0\.1:\d+/, SERVER);
    await route.fulfill({ response: answer, body: text });
  });

  await test.step('create', async () => {
    await screens.open();
    await screens.expectTitle('app_create_title');
    const passphrase = { ar: PASSPHRASE, en: 'olive jasmine harbour 47' }[language];
    await screens.field('app_passphrase_new').fill(passphrase);
    await screens.field('app_passphrase_repeat').fill(passphrase);
    await screens.tick('app_create_understood').check();
    await take('01-create');
    await screens.button('app_create_go').click();
  });

  await test.step('enrol', async () => {
    await screens.expectTitle('app_enrol_title');
    await screens.field('app_enrol_user').fill(ACCOUNT[language]);
    await screens.field('app_enrol_password').fill('a long password');
    await screens.field('app_enrol_name').fill(language === 'ar' ? 'حاسوب العمل' : 'Work laptop');
    await screens.field('app_enrol_server').fill(SERVER);
    await take('02-enrol');
    const { user, password } = evaluator;
    const name = language === 'ar' ? 'حاسوب العمل' : 'Work laptop';
    await device.post('/enrol', { server: wire.address, user, password, device_name: name });
    await device.sync();
  });

  await test.step('earlier work', async () => {
    for (const visit of [returned, done]) {
      await device.accept(visit);
      const moments = {
        arrived: 150,
        ticket: 148.7,
        greeted: 148,
        called: 143,
        done: 135,
        left: 129,
      };
      for (const [moment, minutes] of Object.entries(moments)) {
        await device.put(`/visits/${visit}/times/${moment}`, { at_ms: ago(minutes) });
      }
      await answerMany(device, visit, language, { leave: 0, shots });
      await mend(device, visit, language, shots);
      await device.post(`/visits/${visit}/submit`, { followed_brief: true });
    }
    await device.sync();
    const reviewer = await programme.reviewer();
    await reviewer.post(`/api/visits/${returned}/review`);
    const text =
      language === 'ar'
        ? 'ذكرت أن اللافتة تُقرأ من بعيد. من أي مسافة قرأتها، وهل كان في الطريق إليها لوحة أخرى؟'
        : 'You say the name sign can be read from afar. From how far, and was there another sign on the way?';
    await reviewer.post(`/api/visits/${returned}/return`, {
      questions: [{ criterion: 'A2', text }],
    });
    await device.sync();
    await device.accept(next);
  });

  await test.step('visits', async () => {
    await screens.open('/visits');
    await expect(screens.visit(main)).toBeVisible();
    await take('03-visits');
  });

  await test.step('brief', async () => {
    await screens.visit(main).click();
    await screens.expectTitle('visit_brief_title');
    await take('04-brief');
    await screens.tick('visit_accept_interest').check();
    await screens.tick('visit_accept_brief').check();
    await screens.button('visit_accept').scrollIntoViewIfNeeded();
    await take('05-accept');
    await screens.button('visit_accept').click();
    await screens.expectTitle('visit_times_title');
    await settled(page);
  });

  await test.step('times', async () => {
    const noted = { arrived: 31.2, ticket: 29.5, greeted: 28.8, called: 7.1 };
    for (const [moment, minutes] of Object.entries(noted)) {
      await device.put(`/visits/${main}/times/${moment}`, { at_ms: ago(minutes) });
    }
    await screens.open(`/visits/${main}/times`);
    await expect(screens.moment('called').locator('time')).toBeVisible();
    await take('06-times');
    await screens.button('visit_pocket_open').click();
    await take('07-pocket');
    await page.keyboard.press('Escape');
    await device.put(`/visits/${main}/times/done`, { at_ms: ago(1) });
    await device.put(`/visits/${main}/times/left`, { at_ms: ago(0.2) });
  });

  await test.step('contacts', async () => {
    await device.accept(remote);
    const start = ago(15);
    interface Contacts {
      contacts: { contact: string }[];
    }
    const contact = async (channel: string, moments: [string, number][]) => {
      const { contacts } = await device.post<Contacts>(`/visits/${remote}/contacts`, { channel });
      const id = contacts.at(-1)?.contact ?? '';
      for (const [moment, after] of moments) {
        const at_ms = start + after * 1000;
        await device.post(`/visits/${remote}/contacts/${id}/moments`, { moment, at_ms });
      }
    };
    await contact('phone', [
      ['dialled', 0],
      ['answered', 48],
      ['held', 130],
      ['resumed', 204],
      ['ended', 420],
    ]);
    await contact('chat', [
      ['sent', 500],
      ['replied', 575],
    ]);
    await contact('phone', [
      ['dialled', 800],
      ['answered', 832],
    ]);
    await screens.open(`/visits/${remote}/times`);
    await expect(page.getByRole('article').first()).toBeVisible();
    await take('08-contacts');
  });

  await test.step('scoring and evidence', async () => {
    await answerMany(device, main, language, { leave: 9, shots });
    await device.answer(main, 'A2', {
      value: 'partly',
      note:
        language === 'ar'
          ? 'لافتة المركز ظاهرة من الشارع، ولا لوحة إرشادية عند الدوار.'
          : 'The name sign is plain from the road; no directional sign at the roundabout.',
    });
    await device.attach(main, 'A2', 'photo', photo);
    await device.attach(main, 'A2', 'photo', await photograph(browser, 'hall'));
    await screens.open(`/visits/${main}/score?criterion=A2`);
    await expect(screens.evidence('A2').locator('img').nth(1)).toBeVisible();
    await take('10-evidence');
    await screens.open(`/visits/${main}/score?criterion=A1`);
    await expect(screens.criterion('A1')).toBeFocused();
    await expect(screens.evidence('A1').locator('img')).toBeVisible();
    await page.locator('#main').evaluate((main) => {
      main.scrollTop = 0;
    });
    await take('09-scoring');
  });

  await test.step('check', async () => {
    await screens.open(`/visits/${main}/check`);
    await screens.expectTitle('visit_check_title');
    await expect(page.getByRole('region').first()).toBeVisible();
    await take('11-check');
  });

  await test.step('submit', async () => {
    await answerMany(device, main, language, { leave: 0, shots });
    await mend(device, main, language, { ...shots, photo: await photograph(browser, 'ticket') });
    await screens.open(`/visits/${main}/check`);
    await expect(screens.text('visit_check_ready')).toBeVisible();
    await screens.tick('visit_declaration').check();
    await take('12-submit');
    await screens.button('visit_submit').click();
    await screens.button('visit_submit_confirm', undefined, page.getByRole('alertdialog')).click();
    await screens.expectTitle('visit_sealed_title');
    await settled(page);
    await take('13-sealed');
  });

  await test.step('sync', async () => {
    await screens.go('/sync');
    await screens.expectTitle('app_sync_title');
    await expect(page.locator('main table').first()).toBeVisible();
    await take('14-sync');
    await screens.button('app_sync_start').click();
    await expect(
      page.getByRole('alert').filter({ hasText: words.like('app_sync_done') }),
    ).toBeVisible();
    await take('15-synced');
    await page.getByRole('heading', { name: say('app_usb_title') }).scrollIntoViewIfNeeded();
    await page.locator('#main').evaluate((main) => {
      main.scrollTop = main.scrollHeight;
    });
    await take('16-stick');
  });

  await test.step('returned', async () => {
    await screens.open(`/visits/${returned}`);
    await expect(screens.criterion('A2')).toBeVisible();
    await take('17-returned');
  });

  await test.step('settings and lock', async () => {
    await screens.go('/settings');
    await screens.expectTitle('app_settings_title');
    await take('18-settings');
    await screens.button('app_lock').click();
    await screens.expectTitle('app_unlock_title');
    await take('19-unlock');
  });
});

/** Waits until nothing moves and no short note covers the screen. */
async function settled(page: Page): Promise<void> {
  await expect(page.locator('.toast')).toHaveCount(0);
  await page.evaluate(async () => {
    await document.fonts.ready;
    await Promise.all(
      document
        .getAnimations()
        .filter((one) => one.effect?.getTiming().iterations !== Infinity)
        .map((one) => one.finished),
    );
  });
}
