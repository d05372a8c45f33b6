// The walk’s story as the guides show it: six centres judged by the shipped rubric, two of them with a
// story of their own. The figures are those of that version of the rubric, which never changes.

import type { Browser } from '@playwright/test';

import type { Central } from '../support/central.mjs';
import { cancelPlanned, type Centre } from '../support/committee.ts';
import type { FieldAnswer, FieldFile } from '../support/fieldwork.ts';
import type { Programme } from '../support/programme.mjs';
import { photograph, type Scene } from '../support/scenes.ts';
import { cast, visited, type Story, type Text, type VisitedCentre } from '../support/story.ts';
import type { Language } from '../support/words.ts';
import { BEST, realisticProgramme } from './realistic.ts';

type Value = NonNullable<FieldAnswer['value']>;

const FULL: Record<string, unknown> = { ...BEST, level_0_5: 5 };

const SILVER: Text = { ar: 'فضي', en: 'Silver' };

/** What every visit finds of the times, as its moments tell them. */
const TIMES: Record<string, Value> = { R1: '1', R3: '13', D2: '12' };

const MAIN: Record<string, Value> = {
  ...{ A2: 'partly', A5: false, A9: 'partly', D4: 3, D5: 'partly', D7: 3, E1: 1, E3: 'partly' },
  ...{ E4: 'partly', I3: 'partly', I5: 'partly', I6: false, R4: '60', R7: 'not', S1: 3, S2: 3 },
  ...{ S3: 3, S8: 2, V7: false },
};
const OTHER: Record<string, Value> = {
  ...{ A9: 'partly', D4: 4, E3: 'partly', R4: '80', S1: 5, S2: 4, S3: 5, S7: false },
};
const REST: Record<string, Value>[] = [
  { A2: 'not', A3: 'partly', E1: 3, I3: 'partly', R4: '70', S1: 4, S3: 4, D5: 'partly' },
  { A9: 'not', E5: 'partly', E6: 'partly', I6: false, R7: 'partly', S2: 3, S8: 3, V7: false },
  { A3: 'not', A7: 'partly', E2: 'partly', I7: 'partly', R4: '64', S1: 3, S3: 3, D1: 'partly' },
  { E9: 'not', I5: 'partly', R2: 'partly', S8: 2, S9: false, D4: 3, V1: false },
];

const NOTES: Record<string, Text> = {
  A2: {
    ar: 'لافتة المركز ظاهرة من الشارع، ولا لوحة إرشادية عند الدوار.',
    en: 'The name sign is plain from the road; no directional sign at the roundabout.',
  },
  A5: {
    ar: 'لم أر منحدرًا عند الباب الأمامي.',
    en: 'I saw no ramp at the front door.',
  },
  E1: {
    ar: 'أرض الصالة متسخة قرب آلة التذاكر.',
    en: 'The floor of the hall was dirty near the ticket machine.',
  },
  R4: {
    ar: 'ثلاثة منافذ من خمسة تعمل، وفي الصالة نحو عشرين منتظرًا.',
    en: 'Three counters of five were open; about twenty people were waiting.',
  },
  S7: {
    ar: 'شاشة أحد المنافذ تواجه الصالة.',
    en: 'The screen of one counter faces the hall.',
  },
};

/** What was seen where no note of the story says it; no two visits say the same. */
function remarked(language: Language, place: number, visit: number): string {
  const minute = 3 + ((place + visit * 4) % 23);
  const waiting = 11 + ((place * 3 + visit) % 20);
  return {
    ar: `كان كذلك في أغلب الزيارة، ونقص بعد الدقيقة ${minute} وفي الصالة ${waiting} منتظرًا.`,
    en: `So for most of the visit; less so after minute ${minute}, with ${waiting} people waiting.`,
  }[language];
}

interface Criterion {
  id: string;
  scale: { kind: string; full_at?: number };
  visits: string[];
  evidence: { rule: string; kinds: string[] };
}

const isFull = (kind: string, value: Value) =>
  kind === 'timed' || kind === 'percent' || value === true || value === 'met' || value === 5;

/** Answers for all that an unannounced visit judges. */
function answersOf(
  criteria: readonly Criterion[],
  values: Record<string, Value>,
  { visit, language, hasStory }: { visit: number; language: Language; hasStory: boolean },
): FieldAnswer[] {
  return criteria.map(({ id, scale }, place) => {
    const best = scale.kind === 'timed' ? String(scale.full_at ?? 5) : FULL[scale.kind];
    const value = values[id] ?? TIMES[id] ?? (best as Value);
    const own = hasStory && id in values ? NOTES[id]?.[language] : undefined;
    const isNoted = own !== undefined || id in values || id in TIMES || !isFull(scale.kind, value);
    const note = own ?? remarked(language, place, visit);
    return isNoted ? { criterion: id, value, note } : { criterion: id, value };
  });
}

/** The story, and what happens beside it without a picture. */
export interface RealisticStory {
  story: Story;
  /** Another reviewer validates the other visits; one of them is drawn for a second scoring. */
  reviewTheRest: () => Promise<void>;
  /** The committee decides on the other centres. */
  decideTheRest: () => Promise<void>;
}

export async function realisticStory(
  central: Central,
  browser: Browser,
  language: Language,
): Promise<RealisticStory> {
  const programme = await realisticProgramme(central, language, ['in_person']);
  const cycle = programme.cycle.id;
  await set(programme, { second_share: 0 });
  await programme.administrator.put(`/api/cycles/${cycle}/committee-rules`, {
    quorum: 2,
    only_in_meetings: false,
  });
  await cancelPlanned(programme.team, cycle);
  const criteria = await judged(programme);
  const go = async (centre: Centre, values: Record<string, Value>, at: number) =>
    await visited(programme, centre, {
      answers: answersOf(criteria, values, { visit: at, language, hasStory: at < 2 }),
      files: await album(browser, criteria, at),
      // In the morning of one of the days before.
      minutesAgo: (at + 1) * 1440 - at * 41,
    });
  const [first, second, ...others] = programme.centres as Centre[];
  if (!first || !second) throw new Error('a programme of six centres');
  const rest: VisitedCentre[] = [];
  for (const [at, centre] of others.entries()) {
    rest.push(await go(centre, REST[at] ?? {}, at + 2));
  }
  const other = await go(second, OTHER, 1);
  const main = await go(first, MAIN, 0);
  const people = await cast(programme);
  return {
    story: {
      programme,
      cycle,
      main,
      other,
      people,
      criteria: {
        dismissed: 'A5',
        confirmed: 'S7',
        strength: 'R2',
        improved: 'A2',
        appealed: 'E1',
      },
      figures: {
        before: {
          score: '79.3',
          level: { ar: 'مستوفٍ', en: 'Meets' },
          criterion: '20.0',
          pillars: { A: '72.9', E: '77.1', S: '77.8' },
        },
        after: {
          score: '80.8',
          level: SILVER,
          criterion: '100.0',
          pillars: { A: '72.9', E: '91.2', S: '77.8' },
        },
        other: { score: '94.9', outcome: SILVER },
      },
    },
    reviewTheRest: async () => {
      const reviewer = await programme.reviewer();
      for (const [at, { visit }] of rest.entries()) {
        await set(programme, { second_share: at === 0 ? 100 : 0 });
        await reviewer.post(`/api/visits/${visit}/review`);
        await reviewer.post(`/api/visits/${visit}/validate`);
      }
    },
    decideTheRest: async () => {
      const chair = await central.signIn(people.chair.user, people.chair.password);
      for (const { centre } of rest) {
        const path = `/api/cycles/${cycle}/centres/${centre.id}`;
        const { sha256 } = await chair.get<{ sha256: string }>(path);
        await chair.post(`${path}/decision`, { scorecard_sha256: sha256 });
      }
    },
  };
}

async function set(programme: Programme, settings: { second_share: number }): Promise<void> {
  await programme.administrator.post(`/api/cycles/${programme.cycle.id}/review-settings`, {
    outlier_points: 20,
    tolerance_points: 10,
    ...settings,
  });
}

/** What an unannounced visit judges, in the rubric’s order. */
async function judged(programme: Programme): Promise<Criterion[]> {
  const { sha256 } = programme.rubrics[0] ?? { sha256: '' };
  const rubric = await programme.administrator.get<{ pillars: { criteria: Criterion[] }[] }>(
    `/api/rubrics/${sha256}`,
  );
  const all = rubric.pillars.flatMap(({ criteria }) => criteria);
  return all.filter(({ visits }) => visits.includes('unannounced'));
}

/** What is shown of a criterion where its evidence is required; and of some where it is not. */
const SHOWN: Record<string, Scene> = {
  ...{ A1: 'map', A4: 'entrance', A5: 'entrance', E1: 'hall', I2: 'hall', I5: 'map' },
  ...{ D1: 'ticket', D3: 'ticket', D6: 'ticket' },
};

/** The photographs of a visit: no two visits have the same file, though they show the same scenes. */
async function album(
  browser: Browser,
  criteria: readonly Criterion[],
  visit: number,
): Promise<FieldFile[]> {
  const taken = new Map<Scene, Buffer>();
  for (const scene of new Set(Object.values(SHOWN))) {
    taken.set(scene, await photograph(browser, scene, 80 + visit));
  }
  return criteria.flatMap(({ id, evidence }) => {
    const scene = SHOWN[id];
    const bytes = scene && taken.get(scene);
    if (!bytes) return [];
    return [{ criterion: id, bytes, mediaType: 'image/jpeg', kind: evidence.kinds[0] }];
  });
}
