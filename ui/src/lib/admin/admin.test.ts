import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { firstMonth, monthAfter, weeksOf, type Windowed } from '$lib/admin/calendar';
import { DEEDS, deedWords, detailsWords, subjectWords } from '$lib/admin/deeds';
import { mayStep, needsOf, standOf, STEPS } from '$lib/admin/gates';
import { exampleFileOf, faultWords, headingsOf, readText, templateOf } from '$lib/admin/importFile';
import { localPage } from '$lib/admin/localPage';
import { refusedWords } from '$lib/admin/refused';
import { compare } from '$lib/admin/rubricDiff';
import { fieldWords, rubricFaultWords } from '$lib/admin/rubricWords';
import { inOrder, stopWords } from '$lib/admin/stops';
import { wholeIn } from '$lib/admin/whole';
import type { Candidate, CycleGates, RubricFile } from '$lib/api/central/admin';
import { setLanguage } from '$lib/i18n.svelte';

describe('a list that is here as a whole', () => {
  const columns = [{ sort: 'code', text: (row: { code: string }) => row.code }];
  const rows = ['C-10', 'C-9', 'D-1'].map((code) => ({ code }));
  const shown = (more: object) =>
    localPage(rows, { page: 1, per: 2, sort: '', filter: '', ...more }, columns, 'en');

  it('is searched, sorted by numbers as people count, and cut into pages', () => {
    expect(shown({ filter: 'c-' }).found).toHaveLength(2);
    expect(shown({ sort: 'code' }).rows.map(({ code }) => code)).toEqual(['C-9', 'C-10']);
    expect(shown({ sort: '-code' }).rows[0]?.code).toBe('D-1');
    expect(shown({ page: 2 }).rows).toHaveLength(1);
    expect(rows[0]?.code, 'what was given stays in its order').toBe('C-10');
  });
});

describe('a file of agencies or centres', () => {
  it('has headings in the reader’s language', () => {
    setLanguage('en', 'latn');
    expect(templateOf('agencies')).toBe('\uFEFFcode,name_ar,name_en\r\n');
    setLanguage('ar', 'latn');
    expect(headingsOf('centres')).toContain('رمز الجهة');
    expect(exampleFileOf('centres').trim().split('\r\n')).toHaveLength(3);
  });

  it('is read when it is UTF-8, and only then', async () => {
    expect(await readText(new Blob(['رمز']))).toBe('رمز');
    expect(await readText(new Blob([new Uint8Array([0xd1, 0xe3, 0xd2])]))).toBeNull();
  });

  it('has faults that say what may stand there', () => {
    setLanguage('en', 'latn');
    const fault = { problem: 'not_allowed' as const, allowed: ['in_person', 'remote'] };
    expect(faultWords(fault)).toMatch(/In person.* or .*Remote/);
    expect(faultWords({ problem: 'twice', allowed: ['2'] })).toContain('line 2');
  });
});

describe('the steps of a cycle', () => {
  const gates: CycleGates = {
    notice_recorded: false,
    centres_without_rubric: 2,
    visits: 0,
    visits_unsettled: 3,
    centres_undecided: 1,
    publications_scheduled: 0,
  };

  it('need what the server asks for, each by its name', () => {
    const open = needsOf('open', gates).map(({ need, isMet, open }) => [need, isMet, open]);
    expect(open).toEqual([
      ['notice', false, 1],
      ['rubrics', false, 2],
      ['plan', false, 1],
    ]);
    expect(needsOf('close_field_work', gates)[0]).toMatchObject({ need: 'settled', open: 3 });
    expect(needsOf('close', gates)[0]?.isMet).toBe(true);
  });

  it('stand behind, at or before the state, and are taken by their own role', () => {
    expect(STEPS.map(({ from }) => standOf(from, 'reviewing'))).toEqual([
      'done',
      'done',
      'next',
      'later',
      'later',
    ]);
    expect(mayStep('open', 'central_team')).toBe(true);
    expect(mayStep('decide', 'administrator')).toBe(false);
    expect(mayStep('publish', 'committee_chair')).toBe(true);
  });
});

describe('the calendar of a plan', () => {
  const visit = (id: string, from: string, to: string, state = 'planned'): Windowed => ({
    id,
    from,
    to,
    state,
  });
  const plan = [
    visit('a', '2026-11-01', '2026-11-03'),
    visit('b', '2026-10-30', '2026-12-02'),
    visit('c', '2026-11-02', '2026-11-02', 'cancelled'),
  ];

  it('has whole weeks from Sunday, with what begins, ends and stands open', () => {
    const weeks = weeksOf(plan, '2026-11');
    expect(weeks.map((week) => week.length)).toEqual([7, 7, 7, 7, 7]);
    const days = weeks.flat();
    const on = (day: string) => days.find((one) => one.day === day);
    expect(on('2026-11-01')).toMatchObject({ isOfMonth: true, open: 2 });
    expect(on('2026-11-02')?.begins.map(({ id }) => id)).toEqual(['c']);
    expect(on('2026-11-02')?.open, 'what is cancelled is not open').toBe(2);
    expect(on('2026-11-03')?.ends.map(({ id }) => id)).toEqual(['a']);
    expect(on('2026-12-01')?.isOfMonth).toBe(false);
  });

  it('turns over the end of a year, and begins where there is something', () => {
    expect([monthAfter('2026-12', 1), monthAfter('2026-01', -1)]).toEqual(['2027-01', '2025-12']);
    expect(firstMonth(plan, '2026-11-20')).toBe('2026-11');
    expect(firstMonth(plan, '2026-01-20')).toBe('2026-10');
    expect(firstMonth([], '2026-01-20')).toBe('2026-01');
  });
});

describe('whole numbers', () => {
  it('are read in either digits and held to their bounds', () => {
    expect(['24', ' ٢٤ ', '0', '101', '2.5', ''].map((text) => wholeIn(text, 1, 100))).toEqual([
      24,
      24,
      null,
      null,
      null,
      null,
    ]);
  });
});

describe('two versions of a rubric', () => {
  const criterion = (id: string, weight: number, ar = 'معيار') => ({
    id,
    weight,
    name: { ar, en: `Criterion ${id}` },
    guidance: { ar: 'انظر', en: 'Look' },
    scale: { kind: 'yes_no' as const },
    anchors: [],
    visits: ['unannounced'],
    evidence: { rule: 'none', kinds: [] },
    basic: false,
    tags: {},
  });
  const rubric = (criteria: object[]) =>
    ({ pillars: [{ id: 'A', criteria }] }) as unknown as RubricFile;

  it('differ by criteria that came, went and changed', () => {
    setLanguage('en', 'latn');
    const earlier = rubric([criterion('A1', 60), criterion('A2', 40), criterion('A3', 0)]);
    const later = rubric([criterion('A1', 50), criterion('A3', 0), criterion('A4', 50)]);
    const diff = compare(earlier, later, fieldWords);
    expect(diff.added.map(({ id }) => id)).toEqual(['A4']);
    expect(diff.removed.map(({ id }) => id)).toEqual(['A2']);
    expect(diff.same).toBe(1);
    expect(diff.changed).toEqual([
      {
        id: 'A1',
        name: { ar: 'معيار', en: 'Criterion A1' },
        fields: [{ field: 'weight', before: '60', after: '50' }],
      },
    ]);
  });

  it('also differ by a text in the language that is not shown', () => {
    setLanguage('en', 'latn');
    const diff = compare(
      rubric([criterion('A1', 1)]),
      rubric([criterion('A1', 1, 'معيار آخر')]),
      fieldWords,
    );
    expect(diff.changed[0]?.fields).toEqual([
      { field: 'name', before: 'Criterion A1', after: 'Criterion A1' },
    ]);
  });

  it('have faults in words, or in those of a newer server', () => {
    setLanguage('en', 'latn');
    const fault = { path: 'pillars.A', params: { sum: '90' }, text: 'new' };
    expect(rubricFaultWords({ ...fault, problem: 'pillar_weights' })).toContain('90');
    expect(rubricFaultWords({ ...fault, problem: 'not_known_yet' })).toBe('new');
  });
});

describe('who may make a visit', () => {
  const candidate = (user: string, visits: number, code?: string): Candidate => ({
    person: user,
    user,
    name: { ar: user, en: user },
    visits,
    barred: code === undefined ? [] : [{ code, params: { days: '12', needed: '90' } }],
    may_overrule: code === 'assignment.rotation',
  });

  it('stands before who may not, the least busy first', () => {
    const sorted = inOrder([
      candidate('busy', 5),
      candidate('barred', 0, 'assignment.interest'),
      candidate('free', 1),
    ]);
    expect(sorted.map(({ user }) => user)).toEqual(['free', 'busy', 'barred']);
  });

  it('is told which rule bars, with its numbers', () => {
    setLanguage('en', 'latn');
    const [bar] = candidate('x', 0, 'assignment.rotation').barred;
    expect(bar && stopWords(bar)).toMatch(/12 days.*90/);
    expect(stopWords({ code: 'assignment.new', params: {} })).toBe('assignment.new');
  });
});

describe('what is refused', () => {
  it('names the field, what stands there and the remedy', () => {
    setLanguage('en', 'latn');
    const body = (field: string, value: string, allowed = '') => ({
      code: 'request.invalid',
      params: { field, value, allowed },
    });
    expect(refusedWords(body('code', 'A-1', 'a code that is not used yet'))).toContain('taken');
    expect(refusedWords(body('code', 'A 1', '1 to 40 letters'))).toContain('Latin');
    expect(refusedWords(body('user', 'rasha'))).toContain('rasha');
  });
});

describe('the audit', () => {
  it('has words for every deed of the server', () => {
    const source = readFileSync('../crates/server/src/audit.rs', 'utf8');
    const words = [...source.matchAll(/Self::\w+ => "(\w+)"/g)].map(([, word]) => word);
    expect([...DEEDS].sort()).toEqual(words.sort());
    expect(deedWords('not_known_yet')).toBe('not_known_yet');
  });

  it('says what a deed was done to and how', () => {
    setLanguage('en', 'latn');
    const id = '01990000-0000-7000-8000-000000abcdef';
    expect(subjectWords({ kind: 'visit', id })).toBe('Visit abcdef');
    expect(subjectWords(null)).toBe('–');
    const details = { event: 'open', set: 'closed', wipe: 'true' };
    expect(detailsWords({ deed: 'cycle_stepped', details })).toBe(
      'Step: Open field work · State: Closed · Order a wipe: Yes',
    );
    expect(detailsWords({ deed: 'meeting_stepped', details: { event: 'open' } })).toBe(
      'Step: open',
    );
  });
});
