// A published cycle of one centre on a server of its own: what centres reply to.

import { Central, type Session } from './central.mjs';
import { FieldWorker, type FieldAnswer } from './fieldwork.ts';
import { png } from './files.ts';
import { Programme } from './programme.mjs';

/** A hall that was found unfit keeps the centre from its level. */
const ANSWERS: FieldAnswer[] = [
  { criterion: 'A1', value: true },
  { criterion: 'A2', value: 'not', note: 'لا لوحة في الطريق ولا لافتة على الباب' },
  { criterion: 'A3', value: 0, note: 'الصالة غير صالحة للاستعمال' },
  { criterion: 'A4', value: true },
  { criterion: 'B1', value: '13', note: 'الانتظار 13 دقيقة' },
  { criterion: 'B2', value: '12' },
  { criterion: 'B3', value: '75', note: 'ثلاثة منافذ من أربعة' },
  { criterion: 'B4', value: 'leading' },
  { criterion: 'B5', value: true },
];

const REMARKS = [
  {
    criterion: 'B4',
    kind: 'strength',
    text: { ar: 'إدارة الطوابير نموذج يُحتذى.', en: 'Queue management sets an example.' },
  },
  {
    criterion: 'A2',
    kind: 'improvement',
    text: {
      ar: 'لا لوحة إرشادية في الطريق، ولافتة الباب لا تُقرأ.',
      en: 'There is no sign on the way, and the name at the door cannot be read.',
    },
  },
  {
    criterion: 'B3',
    kind: 'improvement',
    text: {
      ar: 'منفذ من أربعة مغلق في ساعة الذروة.',
      en: 'One counter of four is closed at the busiest hour.',
    },
  },
];

interface Result {
  centre: { id: string };
  scorecard: unknown;
}

/** The digest by which a draft is decided. */
async function digestOf(chair: Session, cycle: string, centre: string): Promise<string> {
  const page = await chair.get<{ sha256: string }>(`/api/cycles/${cycle}/centres/${centre}`);
  return page.sha256;
}

/** A server with a published cycle; stop it when done. */
export async function published(): Promise<{ central: Central; programme: Programme }> {
  const central = await Central.start();
  const programme = await Programme.setUp(central, {
    centres: [
      {
        code: 'IDC-07',
        model: 'in_person',
        name: { ar: 'مركز خدمات الهوية – المحرق', en: 'Identity Services Centre – Muharraq' },
      },
    ],
  });
  const { team, administrator } = programme;
  const cycle = `/api/cycles/${programme.cycle.id}`;
  const worker = await FieldWorker.enrol(programme);
  const file = { criterion: 'A1', bytes: png(501), mediaType: 'image/png' };
  const visit = await worker.visit({ answers: ANSWERS, files: [file] });
  const reviewer = await programme.reviewer();
  await reviewer.post(`/api/visits/${visit}/review`);
  await reviewer.post(`/api/visits/${visit}/validate`);
  for (const { id } of await team.get<{ id: string }[]>(`${cycle}/visits`)) {
    if (id !== visit) await team.post(`/api/visits/${id}/cancel`, { reason: 'not needed' });
  }
  await administrator.post(`${cycle}/step`, { event: 'close_field_work' });
  const { user, password } = await programme.addPerson('committee_chair');
  const chair = await central.signIn(user, password);
  for (const { centre } of await chair.get<Result[]>(`${cycle}/results`)) {
    const scorecard_sha256 = await digestOf(chair, programme.cycle.id, centre.id);
    await chair.post(`${cycle}/centres/${centre.id}/decision`, {
      scorecard_sha256,
      remarks: REMARKS,
    });
  }
  await chair.post(`${cycle}/step`, { event: 'decide' });
  await chair.post(`${cycle}/step`, { event: 'publish' });
  return { central, programme };
}
