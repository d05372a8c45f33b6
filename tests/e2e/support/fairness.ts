// A cycle with something to find: eight centres, four evaluators who meet each other, one of them severe,
// and one criterion that everybody reads otherwise.

import type { Central, Session } from './central.mjs';
import { cancelPlanned, type Centre } from './committee.ts';
import { FieldWorker } from './fieldwork.ts';
import { Programme } from './programme.mjs';

const PILLARS = ['A', 'B'];
const EACH = 5;
const CENTRES = 8;
const EVALUATORS = 4;
/** So many visits are scored a second time. */
const TWICE = 12;
export const MISREAD = 'B2';

const words = (ar: string, en: string) => ({ ar, en });
const NAMES = [
  words('وضوح اللوحات', 'Clear signs'),
  words('نظافة الصالة', 'Clean hall'),
  words('ترحيب الموظف', 'Staff welcome'),
  words('دقة المعلومات', 'Accurate information'),
  words('خصوصية الحديث', 'Private conversation'),
  words('وضوح الرسوم', 'Clear fees'),
  words('لباقة التعامل', 'Courtesy'),
  words('معرفة الموظف', 'Staff knowledge'),
  words('ترتيب الدور', 'Order of the queue'),
  words('تأكيد الإنجاز', 'Confirmation of completion'),
];

const CRITERIA = PILLARS.flatMap((pillar) =>
  Array.from({ length: EACH }, (_, place) => `${pillar}${place + 1}`),
);

const RUBRIC = {
  id: 'steps',
  version: '1.0.0',
  model: 'in_person',
  title: words('دليل بدرجات', 'A guide of steps'),
  policy: { unannounced_share: 0.7, min_coverage: 70, critical_cap: 'needs_improvement' },
  levels: [
    { id: 'gold', name: words('ذهبي', 'Gold'), min_score: 80, allows_critical: false },
    { id: 'silver', name: words('فضي', 'Silver'), min_score: 69, allows_critical: false },
    {
      id: 'needs_improvement',
      name: words('بحاجة إلى تحسين', 'Needs improvement'),
      min_score: 0,
      allows_critical: true,
    },
  ],
  pillars: PILLARS.map((id, at) => ({
    id,
    name: at === 0 ? words('المكان', 'The place') : words('الخدمة', 'The service'),
    weight: 50,
    criteria: CRITERIA.slice(at * EACH, (at + 1) * EACH).map((criterion, place) => ({
      id: criterion,
      name: NAMES[at * EACH + place],
      guidance: words('كما يراه الزائر.', 'As a visitor sees it.'),
      weight: 10,
      scale: { kind: 'level_0_5' },
      anchors: Array.from({ length: 6 }, (_, step) => words(`الدرجة ${step}`, `Step ${step}`)),
      visits: ['unannounced'],
      evidence: { rule: 'none', kinds: [] },
      basic: false,
      tags: {},
    })),
  })),
};

/** The same numbers each time, between 0 and 1. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

export interface FairCycle {
  cycle: string;
  centres: Centre[];
}

/** Such a cycle, its field work over. */
export async function fairCycle(central: Central): Promise<FairCycle> {
  const unique = Date.now() % 1e9;
  const programme = await Programme.setUp(central, {
    rubrics: [RUBRIC],
    centres: Array.from({ length: CENTRES }, (_, place) => ({
      code: `F${unique}-${place + 1}`,
      model: 'in_person' as const,
      name: words(`مركز الخدمة ${place + 1}`, `Service Centre ${place + 1}`),
    })),
  });
  const cycle = programme.cycle.id;
  await programme.administrator.post(`/api/cycles/${cycle}/review-settings`, {
    outlier_points: 40,
    tolerance_points: 10,
    second_share: 100,
  });
  await cancelPlanned(programme.team, cycle);
  const workers: FieldWorker[] = [];
  for (let n = 0; n < EVALUATORS; n += 1) workers.push(await FieldWorker.enrol(programme));
  const [reviewer, second] = [await programme.reviewer(), await programme.reviewer()];
  const random = chance(11);
  // About normal: the sum of four.
  const noise = () => random() + random() + random() + random() - 2;
  const centres = [...programme.centres];
  let twice = TWICE;
  for (const [place, centre] of centres.entries()) {
    const quality = 3.1 + 1.6 * (place / CENTRES);
    for (const step of [0, 1, 2]) {
      const goer = (place + step) % EVALUATORS;
      const day = quality + 0.2 * noise() - (goer === 0 ? 1.1 : 0);
      const seen = (own: number) => Math.min(5, Math.max(0, Math.round(own + 0.9 * noise())));
      const answers = CRITERIA.map((criterion) => ({
        criterion,
        value: seen(day),
        note: 'كما رأيته',
      }));
      const visit = await workers[goer]?.visit({
        centre,
        answers,
        files: [],
        minutesAgo: 200 + 60 * (place * 3 + step),
      });
      await reviewer.post(`/api/visits/${visit}/review`);
      await reviewer.post(`/api/visits/${visit}/validate`);
      if (twice-- > 0) await scoreAgain(second, visit ?? '', answers, random);
    }
  }
  await programme.team.post(`/api/cycles/${cycle}/step`, { event: 'close_field_work' });
  return { cycle, centres };
}

/** A second scoring that agrees, but for the criterion that everybody reads otherwise. */
async function scoreAgain(
  session: Session,
  visit: string,
  answers: { criterion: string; value: number; note: string }[],
  random: () => number,
): Promise<void> {
  await session.post(`/api/visits/${visit}/second`);
  for (const answer of answers) {
    const value = answer.criterion === MISREAD ? Math.floor(random() * 6) : answer.value;
    await session.post(`/api/visits/${visit}/second/answers`, { ...answer, value });
  }
  await session.post(`/api/visits/${visit}/second/submit`);
}
