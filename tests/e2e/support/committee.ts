// A cycle whose field work is over, with its committee: what there is to decide and to publish.

import type { Central, Session } from './central.mjs';
import { FieldWorker, type FieldAnswer, type FieldVisit } from './fieldwork.ts';
import { png } from './files.ts';
import { Programme, type Person } from './programme.mjs';

export const ANSWERS: FieldAnswer[] = [
  { criterion: 'A1', value: true },
  { criterion: 'A2', value: 'partly', note: 'لا لوحة عند الإشارة الضوئية' },
  { criterion: 'A3', value: 5 },
  { criterion: 'A4', value: true },
  { criterion: 'B1', value: '13', note: 'ثلاث عشرة دقيقة من التذكرة إلى النداء' },
  { criterion: 'B2', value: '12' },
  { criterion: 'B3', value: '75', note: 'ثلاثة منافذ من أربعة' },
  { criterion: 'B4', value: 'leading' },
  { criterion: 'B5', value: true },
];

export type Centre = NonNullable<FieldVisit['centre']>;

export interface ReviewedCycle {
  programme: Programme;
  cycle: string;
  centres: [Centre, Centre];
  /** A member whom the agency of all centres employs: they abstain from each. */
  employed: Person;
}

/** A programme of two centres of one agency, without a planned visit; two members make a quorum. */
export async function twoCentres(
  central: Central,
): Promise<{ programme: Programme; cycle: string; centres: [Centre, Centre] }> {
  const unique = Date.now() % 1e9;
  const programme = await Programme.setUp(central, {
    centres: [
      {
        code: `K${unique}-1`,
        model: 'in_person',
        name: { ar: 'مركز خدمات المحرق', en: 'Muharraq Service Centre' },
      },
      {
        code: `K${unique}-2`,
        model: 'in_person',
        name: { ar: 'مركز خدمات الرفاع', en: 'Riffa Service Centre' },
      },
    ],
  });
  const [first, second] = programme.centres;
  if (!first || !second) throw new Error('a programme of two centres');
  const { team, administrator } = programme;
  const cycle = programme.cycle.id;
  await administrator.post(`/api/cycles/${cycle}/review-settings`, {
    outlier_points: 20,
    tolerance_points: 10,
    second_share: 0,
  });
  await administrator.put(`/api/cycles/${cycle}/committee-rules`, {
    quorum: 2,
    only_in_meetings: true,
  });
  await cancelPlanned(team, cycle);
  return { programme, cycle, centres: [first, second] };
}

/** Two centres of one agency, each visited once, validated and counted; two members make a quorum. */
export async function reviewedCycle(central: Central): Promise<ReviewedCycle> {
  const { programme, cycle, centres } = await twoCentres(central);
  const [first, second] = centres;
  const weaker = ANSWERS.map((answer) =>
    answer.criterion === 'A3' ? { ...answer, value: 2, note: 'أرضية غير نظيفة' } : answer,
  );
  await visited(programme, first, ANSWERS, 300);
  await visited(programme, second, weaker, 4000);
  await programme.team.post(`/api/cycles/${cycle}/step`, { event: 'close_field_work' });
  const employed = await employee(programme, { ar: 'هند الزياني', en: 'Hind Al-Zayani' });
  return { programme, cycle, centres, employed };
}

/** A cycle opens with a plan that nobody carries out here. */
export async function cancelPlanned(team: Session, cycle: string): Promise<void> {
  const visits = await team.get<{ id: string }[]>(`/api/cycles/${cycle}/visits`);
  for (const { id } of visits) await team.post(`/api/visits/${id}/cancel`, { reason: 'closed' });
}

async function visited(
  programme: Programme,
  centre: Centre,
  answers: FieldAnswer[],
  minutesAgo: number,
): Promise<void> {
  const worker = await FieldWorker.enrol(programme);
  const photo = { criterion: 'A1', bytes: png(minutesAgo), mediaType: 'image/png' };
  const visit = await worker.visit({ centre, answers, files: [photo], minutesAgo });
  const reviewer = await programme.reviewer();
  await reviewer.post(`/api/visits/${visit}/review`);
  await reviewer.post(`/api/visits/${visit}/validate`);
}

async function employee(programme: Programme, name: Person['name']): Promise<Person> {
  const user = `member.employed.${Date.now() % 1e9}`;
  const password = 'mizan-test-staff';
  const body = { user, password, name, role: 'committee_member', agency: programme.agency.id };
  const { id } = await programme.administrator.post<{ id: string }>('/api/people', body);
  return { id, user, password, name };
}
