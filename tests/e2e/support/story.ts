// A cycle in which every visit is in and nothing is decided: where the walk through the portal begins.

import { ADMINISTRATOR, type Central } from './central.mjs';
import { twoCentres, type Centre } from './committee.ts';
import { FieldWorker, type FieldAnswer, type FieldVisit } from './fieldwork.ts';
import { png } from './files.ts';
import type { Person, Programme } from './programme.mjs';

export type Text = Record<'ar' | 'en', string>;

/** A centre, and the visit that was made to it. */
export interface VisitedCentre {
  centre: Centre;
  worker: FieldWorker;
  visit: string;
  wish: FieldVisit;
}

/** What the pages must say of a centre at one time. */
export interface Figures {
  score: string;
  level: Text;
  /** Of the criterion appealed on. */
  criterion: string;
  pillars: Record<string, string>;
}

export interface Story {
  programme: Programme;
  cycle: string;
  /** Judged badly on one criterion, on which it appeals. */
  main: VisitedCentre;
  /** Its visit leaves a question open and holds a hit that keeps it from a level. */
  other: VisitedCentre;
  people: Record<
    'administrator' | 'reviewer' | 'chair' | 'member' | 'manager' | 'team',
    { user: string; password: string; name: Text }
  >;
  criteria: {
    /** A critical hit at the main centre that the evidence does not bear out. */
    dismissed: string;
    /** A critical hit at the other centre that it does. */
    confirmed: string;
    strength: string;
    improved: string;
    appealed: string;
  };
  figures: {
    before: Figures;
    after: Figures;
    /** Its level by the rules, where they give one. */
    other: { score: string; outcome?: Text };
  };
}

/** The people of the story, one of each role that has a part in it. */
export async function cast(programme: Programme): Promise<Story['people']> {
  const add = (role: string, ar: string, en: string): Promise<Person> =>
    programme.addPerson(role, { ar, en });
  return {
    administrator: { ...ADMINISTRATOR, name: { ar: 'مدير النظام', en: 'Administrator' } },
    reviewer: await add('reviewer', 'نورة السالم', 'Noura Al-Salem'),
    chair: await add('committee_chair', 'خالد المنصور', 'Khalid Al-Mansoor'),
    member: await add('committee_member', 'منى الحداد', 'Mona Al-Haddad'),
    manager: await add('manager', 'فاطمة الكعبي', 'Fatima Al-Kaabi'),
    team: await add('central_team', 'علي الدوسري', 'Ali Al-Dosari'),
  };
}

/** Sends an evaluator to a centre, and what they found from there. */
export async function visited(
  programme: Programme,
  centre: Centre,
  wish: Omit<FieldVisit, 'centre'>,
): Promise<VisitedCentre> {
  const worker = await FieldWorker.enrol(programme);
  const whole = { ...wish, centre };
  const visit = await worker.visit(whole);
  return { centre, worker, visit, wish: whole };
}

const LEVELS = {
  silver: { ar: 'فضي', en: 'Silver' },
  low: { ar: 'بحاجة إلى تحسين', en: 'Needs improvement' },
};

const SHARED: FieldAnswer[] = [
  { criterion: 'A1', value: true },
  { criterion: 'B1', value: '13', note: 'ثلاث عشرة دقيقة من التذكرة إلى النداء' },
  { criterion: 'B2', value: '12' },
  { criterion: 'B4', value: 'leading' },
];

/** The sum of A is 150 of 400 and that of B 465 of 500: 37.5 × 0.4 + 93 × 0.6. */
const MAIN: FieldAnswer[] = [
  ...SHARED,
  { criterion: 'A2', value: 'partly', note: 'لافتة على الباب، ولا لوحة في الطريق' },
  { criterion: 'A3', value: 0, note: 'الصالة غير صالحة للاستعمال' },
  { criterion: 'A4', value: false, note: 'لم يُر منحدر عند الباب الأمامي' },
  { criterion: 'B3', value: '60', note: 'ثلاثة منافذ من خمسة' },
  { criterion: 'B5', value: true },
];

/** All of A, and 390 of 500 in B: 100 × 0.4 + 78 × 0.6. */
const OTHER: FieldAnswer[] = [
  ...SHARED,
  { criterion: 'A2', value: 'met' },
  { criterion: 'A3', value: 5 },
  { criterion: 'A4', value: true },
  { criterion: 'B3', value: '80' },
  { criterion: 'B5', value: false, note: 'شاشة المنفذ تواجه الصالة، وعليها بيانات غيري' },
];

/** The story on the small rubric, whose numbers fit on a sheet of paper. */
export async function smallStory(central: Central): Promise<Story> {
  const { programme, cycle, centres } = await twoCentres(central);
  const photo = (seed: number) => ({ criterion: 'A1', bytes: png(seed), mediaType: 'image/png' });
  const byCriterion = (answers: FieldAnswer[]) =>
    answers.toSorted((a, b) => (a.criterion < b.criterion ? -1 : 1));
  const main = { answers: byCriterion(MAIN), files: [photo(11)], minutesAgo: 300 };
  const other = { answers: byCriterion(OTHER), files: [photo(12)], minutesAgo: 4000 };
  return {
    programme,
    cycle,
    main: await visited(programme, centres[0], main),
    other: await visited(programme, centres[1], other),
    people: await cast(programme),
    criteria: {
      dismissed: 'A4',
      confirmed: 'B5',
      strength: 'B4',
      improved: 'A2',
      appealed: 'A3',
    },
    figures: {
      before: {
        score: '70.8',
        level: LEVELS.low,
        criterion: '0.0',
        pillars: { A: '37.5', B: '93.0' },
      },
      after: {
        score: '80.8',
        level: LEVELS.silver,
        criterion: '100.0',
        pillars: { A: '62.5', B: '93.0' },
      },
      other: { score: '86.8' },
    },
  };
}
