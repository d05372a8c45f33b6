// The programme the pictures show: invented agencies, centres and people of a small state that does
// not exist, with the shipped rubrics and the sentences of an ordinary working day.

import type { Central } from '../support/central.mjs';
import type { Device } from '../support/device.ts';
import { Programme, type Centre } from '../support/programme.mjs';

const CENTRES: [Centre['model'], string, string][] = [
  ['in_person', 'مركز خدمات الهوية – السدرة', 'Identity Services Centre, Al-Sidra'],
  ['in_person', 'مركز خدمات الجوازات – المرجان', 'Passport Services Centre, Al-Marjan'],
  ['in_person', 'مركز خدمات المرور – الواحة', 'Traffic Services Centre, Al-Waha'],
  ['remote', 'مركز الاتصال لخدمات الهوية', 'Identity Services Contact Centre'],
  ['in_person', 'مركز خدمات الإسكان – الغدير', 'Housing Services Centre, Al-Ghadeer'],
  ['in_person', 'مركز التوثيق – الميناء القديم', 'Notarisation Centre, Old Harbour'],
  ['remote', 'المركز الافتراضي لخدمات المتقاعدين', 'Virtual Centre for Pensioners’ Services'],
  ['in_person', 'مركز المستثمرين – الفنار', 'Investors’ Centre, Al-Fanar'],
];

/** The programme with its centres, in their order; each language has its own on one server. */
export async function realisticProgramme(
  central: Central,
  language: 'ar' | 'en',
  models: Centre['model'][] = ['in_person', 'remote'],
): Promise<Programme> {
  const first = language === 'ar' ? 11 : 41;
  const centres = CENTRES.map(([model, ar, en], place) => ({
    code: `C-0${first + place}`,
    model,
    name: { ar, en },
  }));
  return Programme.setUp(central, {
    shipped: true,
    agency: { ar: 'هيئة الهوية والسجل المدني', en: 'Identity and Civil Registry Authority' },
    centres: centres.filter(({ model }) => models.includes(model)),
    // Another on the same server has a number of its own.
    ...(models.length === 1 ? { number: '4' } : {}),
  });
}

/** So many minutes ago. */
export function ago(minutes: number): number {
  return Date.now() - minutes * 60_000;
}

interface Criterion {
  id: string;
  scale: { kind: string; full_at?: number };
  visits: string[];
  evidence: { rule: string; kinds: string[] };
  measure?: object;
}

interface View {
  rubric: { sha256: string };
  summary: { kind: string };
}

/** The criteria judged on a visit. */
export async function criteriaOf(device: Device, visit: string): Promise<Criterion[]> {
  const view = await device.get<View>(`/visits/${visit}`);
  const rubric = await device.get<{ pillars: { criteria: Criterion[] }[] }>(
    `/rubrics/${view.rubric.sha256}`,
  );
  const all = rubric.pillars.flatMap(({ criteria }) => criteria);
  return all.filter(({ visits }) => visits.includes(view.summary.kind));
}

export const BEST: Record<string, unknown> = {
  yes_no: true,
  met_partly_not: 'met',
  level_0_5: 4,
  maturity: 'leading',
  percent: '92',
};
const NOTE = {
  ar: 'وُجد ذلك في أغلب الزيارة، ونقص في آخرها عند ازدحام الصالة.',
  en: 'So for most of the visit; less so near its end, when the hall was crowded.',
};

/** What an evaluator has to show: of the place, and of the screen. */
export interface Shots {
  photo: Buffer;
  screenshot: Buffer;
}

const shotFor = (kind: string, shots: Shots) =>
  kind === 'screenshot' ? shots.screenshot : shots.photo;

/** Answers so many of a visit's criteria as a careful evaluator would; the rest stay open. */
export async function answerMany(
  device: Device,
  visit: string,
  language: 'ar' | 'en',
  many: { leave: number; shots: Shots },
): Promise<void> {
  const criteria = await criteriaOf(device, visit);
  for (const [place, { id, scale, evidence, measure }] of criteria.entries()) {
    if (place >= criteria.length - many.leave) break;
    if (measure === undefined) {
      const value = scale.kind === 'timed' ? String(scale.full_at ?? 5) : BEST[scale.kind];
      const note = scale.kind === 'level_0_5' ? { note: NOTE[language] } : {};
      await device.answer(visit, id, { value, ...note });
    }
    const [kind] = evidence.kinds;
    if (evidence.rule === 'required' && kind !== undefined) {
      await device.attach(visit, id, kind, shotFor(kind, many.shots));
    }
  }
}

/** Adds what the device still misses: notes under full marks, evidence that is required. */
export async function mend(
  device: Device,
  visit: string,
  language: 'ar' | 'en',
  shots: Shots,
): Promise<void> {
  const { missing } = await device.visit(visit);
  for (const { code, criterion, params } of missing) {
    if (criterion === null) continue;
    if (code === 'note.missing') {
      await device.put(`/visits/${visit}/answers/${criterion}/note`, { note: NOTE[language] });
    } else if (code === 'evidence.missing') {
      const [kind = 'photo'] = (params.kinds ?? '').split(', ');
      await device.attach(visit, criterion, kind, shotFor(kind, shots));
    }
  }
}
