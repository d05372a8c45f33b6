import { describe, expect, it } from 'vitest';

import type { Answer, Finding, QueuedVisit } from '$lib/api/central/review';
import type { Criterion, Rubric } from '$lib/api/types';
import { anchorOf, rowsOf } from '$lib/review/answers';
import { QuestionDraft, WHOLE, type DraftKeeper } from '$lib/review/draft.svelte';
import { findingWords, placeOf } from '$lib/review/findings';
import { commandOf, KEYS } from '$lib/review/keys';
import { checksIn, FIRST, pageOf, PER_PAGE, queryOf, wantedBy } from '$lib/review/queue';
import { timePoints } from '$lib/review/times';

const finding = (check: string, more: Partial<Finding> = {}): Finding => ({
  check,
  params: {},
  ...more,
});

function queued(at: number, name: string, checks: string[] = [], isYou?: boolean): QueuedVisit {
  return {
    visit: `v-${at}`,
    centre: `C-${at}`,
    centre_name: { ar: `مركز ${name}`, en: name },
    kind: 'unannounced',
    state: isYou === undefined ? 'submitted' : 'in_review',
    revision: 1,
    received_at: at,
    evidence_missing: 0,
    cycle: '4',
    findings: checks.map((check) => finding(check)),
    ...(isYou === undefined ? {} : { taken: { name: { ar: 'م', en: 'R' }, is_you: isYou, at } }),
  };
}

const english = (both: { en: string }) => both.en;

describe('the queue', () => {
  const queue = [
    queued(3, 'Harbour', ['outlier']),
    queued(1, 'Airport', [], true),
    queued(2, 'Market', ['outlier', 'too_fast', 'outlier'], false),
  ];
  const shown = (wanted: Partial<typeof FIRST>) =>
    pageOf(queue, { ...FIRST, ...wanted }, english).rows.map((visit) => visit.centre);

  it('is sorted by age unless asked otherwise, and filtered by each word', () => {
    expect(shown({})).toEqual(['C-1', 'C-2', 'C-3']);
    expect(shown({ isDescending: true })).toEqual(['C-3', 'C-2', 'C-1']);
    expect(shown({ sort: 'centre' })).toEqual(['C-1', 'C-3', 'C-2']);
    expect(shown({ sort: 'findings', isDescending: true })).toEqual(['C-2', 'C-3', 'C-1']);
    expect(shown({ whose: 'free' })).toEqual(['C-3']);
    expect(shown({ whose: 'mine' })).toEqual(['C-1']);
    expect(shown({ whose: 'others' })).toEqual(['C-2']);
    expect(shown({ check: 'outlier' })).toEqual(['C-2', 'C-3']);
    expect(shown({ search: ' mark' })).toEqual(['C-2']);
    expect(shown({ search: 'مركز' })).toHaveLength(3);
  });

  it('counts visits, not findings', () => {
    expect(checksIn(queue)).toEqual([
      ['outlier', 2],
      ['too_fast', 1],
    ]);
  });

  it('has pages, and the last where there are not so many', () => {
    const many = Array.from({ length: PER_PAGE + 1 }, (_, at) => queued(at, `n${at}`));
    const second = pageOf(many, { ...FIRST, page: 9 }, english);
    expect([second.page, second.pages, second.rows.length]).toEqual([2, 2, 1]);
    expect(pageOf([], FIRST, english)).toMatchObject({ page: 1, pages: 1, total: 0 });
  });

  it('stands in the address and comes back from it', () => {
    const wanted = { ...FIRST, search: 'ميناء', sort: 'findings', isDescending: true } as const;
    expect(queryOf(wanted)).toEqual({ search: 'ميناء', sort: '-findings' });
    expect(wantedBy(queryOf(wanted))).toEqual(wanted);
    expect(wantedBy({ sort: 'password', page: '-1', whose: 'x' })).toEqual(FIRST);
  });
});

describe('findings', () => {
  it('lead to their criterion, to the times, or nowhere', () => {
    expect(placeOf(finding('photo_reused', { criterion: 'A1' }))).toEqual({
      part: 'criterion',
      criterion: 'A1',
    });
    expect(placeOf(finding('too_fast'))).toEqual({ part: 'times' });
    expect(placeOf(finding('outlier'))).toBeNull();
  });

  it('say what was compared', () => {
    const other = {
      visit: 'v',
      centre: 'C-9',
      centre_name: { ar: 'مركز الميناء', en: 'Harbour' },
      kind: 'scheduled',
      cycle: '4',
    };
    const params = { score: '68.0', other: '90.0', allowed: '20' };
    const words = findingWords(finding('outlier', { other, params }));
    for (const part of ['68', '90', '20']) expect(words).toContain(part);
    expect(findingWords(finding('same_times', { other }))).toContain('C-9');
    expect(findingWords(finding('of_tomorrow'))).toBe('of_tomorrow');
  });
});

const criterion = (id: string, kind: string, visits = ['unannounced']): Criterion =>
  ({
    id,
    name: { ar: id, en: id },
    scale: { kind },
    anchors: kind === 'maturity' ? Array(5).fill({ ar: 'م', en: 'a' }) : [],
    visits,
  }) as unknown as Criterion;

describe('answers', () => {
  const rubric = {
    pillars: [
      { id: 'A', criteria: [criterion('A1', 'yes_no'), criterion('A2', 'yes_no', ['scheduled'])] },
      { id: 'B', criteria: [criterion('B1', 'maturity')] },
      { id: 'C', criteria: [criterion('C1', 'yes_no', ['scheduled'])] },
    ],
  } as unknown as Rubric;
  const told = {
    rubric,
    kind: 'unannounced',
    answers: [
      { criterion: 'A1', value: true },
      { criterion: 'B1', value: 'leading', note: 'seen' },
    ] as Answer[],
    previous: [
      { criterion: 'A1', value: true },
      { criterion: 'B1', value: 'leading', note: 'heard' },
    ] as Answer[],
    evidence: [],
    findings: [finding('text_repeated', { criterion: 'B1' })],
    asked: [
      { criterion: 'B1', text: 'Who?' },
      { criterion: null, text: 'Why?' },
    ],
    critical: ['A1'],
    rulings: [],
  };

  it('stand by pillar, only those judged on this kind of visit', () => {
    const pillars = rowsOf(told);
    expect(
      pillars.map(({ pillar, rows }) => [pillar.id, rows.map((row) => row.criterion.id)]),
    ).toEqual([
      ['A', ['A1']],
      ['B', ['B1']],
    ]);
    const [first, second] = pillars.map(({ rows }) => rows[0]);
    expect(first).toMatchObject({ isHit: true, before: null, asked: [] });
    expect(second).toMatchObject({ isHit: false, asked: ['Who?'], before: { note: 'heard' } });
    expect(second?.findings).toHaveLength(1);
  });

  it('name the anchor that was chosen', () => {
    const maturity = criterion('B1', 'maturity');
    expect(anchorOf(maturity, { criterion: 'B1', value: 'leading' })).toBe(4);
    expect(anchorOf(maturity, { criterion: 'B1', na: 'none' })).toBeNull();
    expect(anchorOf(criterion('A1', 'yes_no'), { criterion: 'A1', value: true })).toBeNull();
  });
});

it('times stand in order, with the wait before each', () => {
  const contacts = [
    { channel: 'phone', moments: [{ moment: 'dialled', at: 5 }] },
    { channel: 'phone', moments: [{ moment: 'dialled', at: 30 }] },
  ];
  const points = timePoints({ left: 20, arrived: 0 }, contacts);
  expect(points.map(({ moment, since }) => [moment, since])).toEqual([
    ['arrived', null],
    ['dialled', 5],
    ['left', 15],
    ['dialled', 10],
  ]);
  expect(points.at(-1)?.contact).toEqual({ channel: 'phone', number: 2 });
});

it('keys are read by their place, and not while something is typed', () => {
  const press = { key: 'ض', code: 'KeyQ', ctrlKey: false, altKey: false, metaKey: false };
  expect(commandOf({ ...press, target: null, defaultPrevented: false })).toBe('ask');
  expect(commandOf({ ...press, target: null, defaultPrevented: false, ctrlKey: true })).toBeNull();
  expect(new Set(KEYS.map(({ code }) => code)).size).toBe(KEYS.length);
});

it('questions outlive their page, and go out in the order of the criteria', () => {
  const kept = new Map<string, string>();
  const keeper: DraftKeeper = {
    read: (name) => kept.get(name) ?? null,
    write: (name, text) => (text === null ? kept.delete(name) : kept.set(name, text)),
  };
  const draft = new QuestionDraft('v', 1, keeper);
  draft.write(WHOLE, 'Why so late?');
  draft.write('B1', ' Who? ');
  draft.write('A1', 'x');
  draft.write('A1', '');
  const again = new QuestionDraft('v', 1, keeper);
  expect(again.questions(['A1', 'B1'])).toEqual([
    { criterion: 'B1', text: 'Who?' },
    { criterion: null, text: 'Why so late?' },
  ]);
  expect(new QuestionDraft('v', 2, keeper).questions(['B1'])).toEqual([]);
  again.clear();
  expect(kept.size).toBe(0);
});
