import { beforeEach, expect, it, vi } from 'vitest';

import { review, type ReviewVisit } from '$lib/api/central/review';
import { ApiError } from '$lib/api/error';
import { ReviewDesk, WHOLE } from '$lib/review/desk.svelte';

const criterion = (id: string) => ({
  id,
  name: { ar: id, en: id },
  scale: { kind: 'yes_no' },
  anchors: [],
  visits: ['unannounced'],
});

function told(state = 'in_review', isYou = true): ReviewVisit {
  const document = {
    revision: 1,
    visit_kind: 'unannounced',
    answers: [
      { criterion: 'A1', value: true },
      { criterion: 'A2', value: false },
    ],
    times: {},
    evidence: [],
    submitted_at: 0,
  };
  return {
    item: { visit: 'v', state, revision: 1 },
    sealed: { document: JSON.stringify(document) },
    critical: ['A2'],
    context: {
      cycle: 'y',
      centre: 'c',
      rubric: { pillars: [{ id: 'A', criteria: [criterion('A1'), criterion('A2')] }] },
      taken: { name: { ar: '', en: '' }, is_you: isYou, at: 0 },
      findings: [],
      rulings: [],
      asked: [],
      previous: [],
    },
  } as unknown as ReviewVisit;
}

const refused = (code: string) => new ApiError(409, { code, params: {} });

beforeEach(() => {
  vi.restoreAllMocks();
  const kept = new Map<string, string>();
  vi.stubGlobal('sessionStorage', {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, text: string) => kept.set(name, text),
    removeItem: (name: string) => kept.delete(name),
  });
});

async function opened(): Promise<ReviewDesk> {
  vi.spyOn(review, 'takeUp').mockResolvedValue(told());
  const desk = new ReviewDesk('v');
  await desk.open();
  return desk;
}

it('a decision that came second loses nothing that was written', async () => {
  const desk = await opened();
  desk.ask('A1', 'Who?');
  desk.draft?.write(WHOLE, 'Why?');
  vi.spyOn(review, 'sendBack').mockRejectedValue(refused('review.taken'));
  expect(await desk.sendBack()).toBe(false);
  expect([desk.conflict?.code, desk.deciding.error]).toEqual(['review.taken', null]);
  expect(desk.questions.map(({ text }) => text)).toEqual(['Who?', 'Why?']);
  const again = await opened();
  expect(again.question('A1')).toBe('Who?');
  const send = vi.spyOn(review, 'sendBack').mockResolvedValue(told().item);
  expect(await again.sendBack()).toBe(true);
  expect(send).toHaveBeenCalledWith('v', 1, [
    { criterion: 'A1', text: 'Who?' },
    { criterion: null, text: 'Why?' },
  ]);
  expect(again.questions).toEqual([]);
});

it('a visit that is decided is shown to whoever had it, and to nobody else', async () => {
  vi.spyOn(review, 'takeUp').mockRejectedValue(refused('visit.wrong_state'));
  vi.spyOn(review, 'read').mockResolvedValue(told('validated'));
  const desk = new ReviewDesk('v');
  await desk.open();
  expect([desk.told?.item.state, desk.isOpen, desk.error]).toEqual(['validated', false, null]);

  vi.spyOn(review, 'read').mockRejectedValue(refused('review.not_taken_up'));
  const stranger = new ReviewDesk('v');
  await stranger.open();
  expect([stranger.told, stranger.error?.code]).toEqual([null, 'visit.wrong_state']);
});

it('the keys stop at the ends, and go around over what needs a look', async () => {
  const desk = await opened();
  expect(desk.activeId).toBe('A1');
  expect([desk.step(-1), desk.step(1), desk.step(1)]).toEqual(['A1', 'A2', 'A2']);
  desk.step(-1);
  expect([desk.nextFinding(), desk.nextFinding()]).toEqual(['A2', 'A2']);
  expect(desk.openHits).toBe(1);
  vi.spyOn(review, 'rule').mockResolvedValue(undefined as never);
  await desk.rule('A2', false, 'not seen');
  expect([desk.openHits, desk.rows[1]?.ruling?.reason]).toEqual([0, 'not seen']);
});
