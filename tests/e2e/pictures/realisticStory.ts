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

interface Criterion {
  id: string;
  scale: { kind: string; full_at?: number };
  visits: string[];
}

/** Answers for all that an unannounced visit judges. */
function answersOf(
  criteria: readonly Criterion[],
  values: Record<string, Value>,
  notes: Partial<Record<string, string>>,
): FieldAnswer[] {
  return criteria.map(({ id, scale }) => {
    const best = scale.kind === 'timed' ? String(scale.full_at ?? 5) : BEST[scale.kind];
    const value = values[id] ?? TIMES[id] ?? (best as Value);
    const note = notes[id];
    return note === undefined ? { criterion: id, value } : { criterion: id, value, note };
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
  const shots = await album(browser);
  const notesOf = (values: Record<string, Value>) =>
    Object.fromEntries(
      Object.entries(NOTES).flatMap(([id, note]) => (id in values ? [[id, note[language]]] : [])),
    );
  const go = (centre: Centre, values: Record<string, Value>, files: FieldFile[], at: number) =>
    visited(programme, centre, {
      answers: answersOf(criteria, values, at < 2 ? notesOf(values) : {}),
      files,
      minutesAgo: 400 + at * 1500,
    });
  const [first, second, ...others] = programme.centres as Centre[];
  if (!first || !second) throw new Error('a programme of six centres');
  const rest: VisitedCentre[] = [];
  for (const [at, centre] of others.entries()) {
    rest.push(await go(centre, REST[at] ?? {}, shots(at + 2), at + 2));
  }
  const other = await go(second, OTHER, shots(1), 1);
  const main = await go(first, MAIN, shots(0), 0);
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
        other: { score: '94.1', outcome: SILVER },
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

const SHOWN: [string, Scene][] = [
  ['A1', 'map'],
  ['A5', 'entrance'],
  ['E1', 'hall'],
  ['D1', 'ticket'],
];

/** The photographs of a visit: no two visits have the same file, though they show the same scenes. */
async function album(browser: Browser): Promise<(visit: number) => FieldFile[]> {
  const taken: [string, Buffer][] = [];
  for (const [criterion, scene] of SHOWN) taken.push([criterion, await photograph(browser, scene)]);
  return (visit) =>
    taken.map(([criterion, bytes]) => ({
      criterion,
      // Past its end a picture is not read.
      bytes: Buffer.concat([bytes, Buffer.from([visit])]),
      mediaType: 'image/jpeg',
    }));
}
