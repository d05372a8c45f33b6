import { describe, expect, it } from 'vitest';

import type {
  AgendaItem,
  ComparedCentre,
  Explanation,
  MappedLine,
  Meeting,
  Publication,
  Step,
} from '$lib/api/central/committee';
import { ROLES, type Me, type Right, type Role } from '$lib/api/central/types';
import {
  deedsOf,
  hindranceOf,
  meetingHindrance,
  takenCentres,
  tallyOf,
} from '$lib/committee/agenda';
import { choicesOf, differenceOf, facetsOf, sharedRanks, withFacet } from '$lib/committee/compare';
import { blockersOf, chosenCycle, nextStep, STAGES } from '$lib/committee/cycle';
import { DecisionDraft } from '$lib/committee/decision.svelte';
import { shownOf } from '$lib/committee/exact';
import { below, placeOf, queryOf, wayTo } from '$lib/committee/explain';
import { choices, likened, paired } from '$lib/committee/mapping';
import { momentOf, standings } from '$lib/committee/publish';
import rights from '$lib/portal/rights.json';

describe('an exact number', () => {
  it('is shown with one decimal, half away from zero, as the server shows it', () => {
    const cases: [string, string | null][] = [
      ['850/11', '77.3'],
      ['100', '100.0'],
      ['0', '0.0'],
      ['417/5', '83.4'],
      ['1/20', '0.1'],
      ['-1/20', '-0.1'],
      ['-1/40', '0.0'],
      ['1999/20', '100.0'],
      ['1/0', null],
      ['77.3', null],
    ];
    for (const [exact, shown] of cases) expect(shownOf(exact), exact).toBe(shown);
  });
});

describe('the way of a cycle', () => {
  const overview = (state: string) => ({
    cycle: { id: 'c', number: '4', name: { ar: 'د', en: 'C' }, state },
    visits: [
      { kind: 'unannounced', state: 'submitted', count: 2 },
      { kind: 'scheduled', state: 'counted', count: 5 },
      { kind: 'scheduled', state: 'cancelled', count: 1 },
    ],
    centres: 4,
    decided: 3,
  });

  it('names what stands in the way of the next step, and nothing else', () => {
    const coming = [{ state: 'scheduled' }, { state: 'cancelled' }, { state: 'published' }];
    const found = STAGES.map((stage) => blockersOf(overview(stage), coming));
    expect(found).toEqual([
      [],
      [{ what: 'visits', count: 2 }],
      [{ what: 'centres', count: 1 }],
      [{ what: 'publications', count: 1 }],
      [{ what: 'publications', count: 1 }],
      [],
    ]);
    expect(blockersOf(overview('decided'), [])).toEqual([]);
  });

  it('has one step for each stage, and each is somebody’s who may take steps', () => {
    for (const stage of STAGES) {
      for (const role of nextStep(stage)?.roles ?? []) expect(rights[role]).toContain('step_cycle');
    }
    expect(nextStep('closed')).toBeNull();
    expect(nextStep('of a later release')).toBeNull();
  });

  it('is that of the cycle an address names, or of the latest', () => {
    const cycles = ['a', 'b'].map((id) => ({ ...overview('open').cycle, id }));
    expect(chosenCycle(cycles, 'a')?.id).toBe('a');
    expect(chosenCycle(cycles, 'x')?.id).toBe('b');
    expect(chosenCycle([], undefined)).toBeNull();
  });
});

describe('an explanation', () => {
  const step = (subject: string, id: string | undefined, from: Step[] = []): Step => ({
    subject,
    id,
    state: 'scored',
    exact: '80',
    rule: 'mean',
    from,
  });
  const answer = step('answer', 'e1');
  const criterion = step('criterion', 'A1', [step('unannounced', 'A1', [answer])]);
  const explanation: Explanation = {
    score: step('centre', undefined, [step('pillar', 'A', [criterion])]),
    coverage: step('coverage', undefined, [criterion]),
    basic_compliance: step('basic_compliance', undefined),
  };
  const idsOf = (query: Record<string, string>) =>
    wayTo(explanation, placeOf(query)).map(({ subject, id }) => id ?? subject);

  it('leads from the score to a visit', () => {
    const query = { pillar: 'A', criterion: 'A1', visit: 'e1' };
    expect(idsOf(query)).toEqual(['centre', 'A', 'A1', 'e1']);
    expect(idsOf({ ...query, of: 'coverage' })).toEqual(['coverage', 'A1', 'e1']);
    expect(queryOf(placeOf(query))).toEqual(query);
  });

  it('ends before what is not there', () => {
    expect(idsOf({ pillar: 'A', criterion: 'A9', visit: 'e1' })).toEqual(['centre', 'A']);
    expect(idsOf({ visit: 'e1' })).toEqual(['centre']);
    expect(idsOf({ of: 'nonsense' })).toEqual(['centre']);
  });

  it('goes down one step at a time', () => {
    const pillar = below({ root: 'score' }, step('pillar', 'A'));
    const deeper = below(below(pillar, criterion), answer);
    expect(deeper).toEqual({ root: 'score', pillar: 'A', criterion: 'A1', visit: 'e1' });
  });
});

function reader(role: Role): Pick<Me, 'person' | 'rights'> {
  const person = { id: 'me', user: 'x', name: { ar: 'س', en: 'X' }, role };
  return { person, rights: rights[role] as Right[] };
}
const item = (state: string, part: Partial<AgendaItem> = {}): AgendaItem => ({
  centre: 'c1',
  code: 'C1',
  name: { ar: 'م', en: 'C' },
  state,
  recusals: [],
  voters: 3,
  votes_cast: 3,
  votes: [],
  notes: [],
  dissents: [],
  ...part,
});
const meeting = (state: string, isPresent: boolean, agenda: AgendaItem[] = []): Meeting => ({
  id: 'm',
  cycle: 'c',
  number: 1,
  date: '2026-12-01',
  place: '',
  state,
  quorum: 3,
  members: [
    { person: 'me', name: { ar: 'س', en: 'X' }, role: 'committee_member', present: isPresent },
  ],
  agenda,
});

describe('a centre on the agenda', () => {
  const STATES = ['waiting', 'balloting', 'discussing', 'decided', 'deferred'];
  const chair = reader('committee_chair');
  const member = reader('committee_member');
  const recusal = { person: 'me', name: { ar: 'س', en: 'X' }, ground: 'agency', reason: null };

  it('is the chair’s to lead and every member’s to vote on and to speak of', () => {
    const open = meeting('open', true);
    const deeds = (me: typeof chair) => STATES.map((state) => deedsOf(open, item(state), me));
    expect(deeds(chair)).toEqual([
      ['open_ballot', 'defer', 'recuse', 'remove'],
      ['vote', 'close_ballot', 'recuse'],
      ['note', 'decide', 'defer', 'recuse'],
      ['dissent'],
      [],
    ]);
    expect(deeds(member)).toEqual([
      ['recuse'],
      ['vote', 'recuse'],
      ['note', 'recuse'],
      ['dissent'],
      [],
    ]);
  });

  it('is nothing for the absent, for whoever abstains, and for outsiders', () => {
    for (const state of STATES) {
      const takesPart = ['open_ballot', 'vote', 'close_ballot', 'note', 'decide', 'dissent'];
      const absent = deedsOf(meeting('open', false), item(state), chair);
      const abstains = deedsOf(meeting('open', true), item(state, { recusals: [recusal] }), chair);
      const over = deedsOf(meeting('closed', true), item(state), chair);
      for (const deed of takesPart) {
        expect(absent).not.toContain(deed);
        expect(abstains).not.toContain(deed);
      }
      expect(over).toEqual([]);
      for (const role of ROLES.filter((one) => !one.startsWith('committee_'))) {
        const deeds = deedsOf(meeting('open', true), item(state), reader(role));
        expect(deeds.filter((deed) => deed !== 'remove')).toEqual([]);
      }
    }
  });

  it('waits for a quorum of those who may vote, and of votes', () => {
    const open = meeting('open', true);
    expect(deedsOf(open, item('waiting', { voters: 2 }), chair)).not.toContain('open_ballot');
    expect(hindranceOf(open, item('waiting', { voters: 2 }), chair)).toBe('no_quorum');
    const silent = item('balloting', { votes_cast: 2 });
    expect(deedsOf(open, silent, chair)).not.toContain('close_ballot');
    expect(hindranceOf(open, silent, chair)).toBe('votes_missing');
    expect(hindranceOf(open, item('discussing'), chair)).toBeNull();
    expect(hindranceOf(meeting('planned', true), item('waiting'), chair)).toBe('meeting_planned');
  });

  it('keeps the meeting open until it is settled', () => {
    expect(meetingHindrance(meeting('planned', true))).toBe('agenda_empty');
    expect(meetingHindrance(meeting('planned', true, [item('waiting')]))).toBe('no_quorum');
    expect(meetingHindrance(meeting('open', true, [item('discussing')]))).toBe('items_pending');
    const settled = [item('decided'), item('deferred')];
    expect(meetingHindrance(meeting('open', true, settled))).toBeNull();
  });

  it('is on one open agenda at a time', () => {
    const one = { ...meeting('open', true, [item('decided')]), id: 'one' };
    const over = meeting('closed', true, [item('decided', { centre: 'c2' })]);
    const left = meeting('planned', true, [item('deferred', { centre: 'c3' })]);
    expect([...takenCentres([one, over, left])]).toEqual(['c1']);
    expect([...takenCentres([one, over, left], 'one')]).toEqual([]);
  });

  it('has its votes counted by what was chosen', () => {
    const votes = [
      { choice: 'level', level: 'gold' },
      { choice: 'agree' },
      { choice: 'agree', level: null },
      { choice: 'level', level: 'silver' },
    ];
    const tally = tallyOf(votes).map(({ vote, count }) => [vote.choice, vote.level ?? '', count]);
    expect(tally).toEqual([
      ['agree', '', 2],
      ['level', 'gold', 1],
      ['level', 'silver', 1],
    ]);
  });
});

const row = (id: string, rank: number | null, isDecided = true): ComparedCentre => ({
  rank,
  centre: {
    id,
    code: id,
    agency: 'a',
    model: 'in_person',
    name: { ar: id, en: id },
    size: id === 'c3' ? null : 'large',
  },
  agency_code: 'AG',
  agency: { ar: 'ج', en: 'A' },
  score: null,
  coverage: { shown: '0.0', exact: '0' },
  outcome: 'no_score',
  level: null,
  critical_open: 0,
  critical_confirmed: 0,
  unannounced_visits: 0,
  scheduled_visits: 0,
  decided: isDecided,
  pillars: [],
});

describe('a comparison', () => {
  it('knows the places that several centres share', () => {
    const rows = [row('c1', 1), row('c2', 2), row('c3', 2), row('c4', null), row('c5', null)];
    expect([...sharedRanks(rows)]).toEqual([2]);
  });

  it('offers what there is to filter by, and keeps it in the address', () => {
    const rows = [row('c1', 1), row('c2', 2), row('c3', 3)];
    expect(choicesOf(rows, 'size')).toEqual([{ value: 'large', label: null }]);
    expect(choicesOf(rows, 'agency').map(({ value }) => value)).toEqual(['AG']);
    const query = withFacet({ cycle: 'c', page: '3' }, 'size', 'large');
    expect(query).toEqual({ cycle: 'c', size: 'large' });
    expect(facetsOf(query).size).toBe('large');
    expect(withFacet(query, 'size', '')).toEqual({ cycle: 'c' });
  });

  it('subtracts shown numbers without a rest', () => {
    expect(differenceOf('70.1', '80.2')).toBe('+10.1');
    expect(differenceOf('80.2', '70.1')).toBe('\u221210.1');
    expect(differenceOf('0.3', '0.3')).toBe('0.0');
    expect(differenceOf('0.2', '0.3')).toBe('+0.1');
  });
});

describe('a publication', () => {
  it('is possible for what is decided, and not on its way', () => {
    const out = (state: string, centres: string[]): Publication => ({
      id: state,
      cycle: 'c',
      centres,
      at: 0,
      state,
      made_at: 0,
    });
    const rows = [row('c1', 1), row('c2', 2), row('c3', 3), row('c4', 4, false)];
    const stands = standings(rows, [
      out('scheduled', ['c1']),
      out('published', ['c2']),
      out('cancelled', ['c3']),
    ]);
    expect([...stands.values()]).toEqual(['scheduled', 'published', 'ready', 'undecided']);
  });

  it('has a moment only when day and time are whole', () => {
    expect(momentOf('2026-12-01', '08:30')).toBe(new Date(2026, 11, 1, 8, 30).getTime());
    for (const [day, time] of [
      ['', '08:00'],
      ['2026-12-01', ''],
      ['2026-13-01', '08:00'],
    ]) {
      expect(momentOf(day ?? '', time ?? ''), `${day} ${time}`).toBeNull();
    }
  });
});

describe('a mapping', () => {
  const lines: MappedLine[] = [
    { earlier: 'A1', later: 'A1', likeness: 'same' },
    { earlier: null, later: 'A2', likeness: 'new' },
    { earlier: 'A3', later: null, likeness: 'dropped' },
  ];
  /** Every criterion once, and words that fit. */
  function expectWhole(mapped: readonly MappedLine[]) {
    const earlier = mapped.flatMap((line) => line.earlier ?? []).sort();
    const later = mapped.flatMap((line) => line.later ?? []).sort();
    expect([earlier, later]).toEqual([
      ['A1', 'A3'],
      ['A1', 'A2'],
    ]);
    for (const line of mapped) {
      const kind = line.earlier && line.later ? 'both' : line.earlier ? 'dropped' : 'new';
      if (kind === 'both') expect(['same', 'reworded', 'new_scale']).toContain(line.likeness);
      else expect(line.likeness).toBe(kind);
    }
  }

  it('stays whole whatever is paired', () => {
    const one = paired(lines, 'A3', 'A2');
    expectWhole(one);
    expect(one).toContainEqual({ earlier: 'A3', later: 'A2', likeness: 'reworded' });
    const two = paired(one, 'A1', null);
    expectWhole(two);
    const three = paired(two, 'A3', 'A1');
    expectWhole(three);
    expectWhole(paired(lines, 'A3', 'A1'));
    expectWhole(paired(lines, 'A1', 'A1'));
  });

  it('offers what stands alone, and its own', () => {
    expect(choices(lines, 'A1')).toEqual(['A1', 'A2']);
    expect(choices(lines, 'A3')).toEqual(['A2']);
    expect(likened(lines, 'A1', 'new_scale')[0]?.likeness).toBe('new_scale');
  });
});

describe('a decision', () => {
  const whole = { ar: 'سبب', en: 'reason' };

  it('as computed needs nothing more', () => {
    const draft = new DecisionDraft('level', false);
    expect(draft.faults).toEqual([]);
    expect(draft.on('d')).toEqual({
      scorecard_sha256: 'd',
      moderation: null,
      remarks: [],
      version_reason: null,
    });
  });

  it('beside the computed level needs a level and a reason in both languages', () => {
    const draft = new DecisionDraft('committee_decision', false);
    expect(draft.faults).toEqual(['level', 'reason']);
    draft.level = 'silver';
    draft.reason = { ar: 'سبب', en: ' ' };
    expect(draft.faults).toEqual(['reason']);
    draft.reason = { ar: ' سبب ', en: 'reason' };
    expect(draft.on('d').moderation).toEqual({ level: 'silver', reason: whole });
    draft.ruling = 'none';
    expect(draft.on('d').moderation?.level).toBeNull();
    draft.ruling = 'computed';
    expect(draft.faults).toEqual(['ruling']);
  });

  it('has whole remarks, and a reason where another version comes of it', () => {
    const draft = new DecisionDraft('level', true);
    draft.add('A1');
    expect(draft.faults).toEqual(['remark', 'version']);
    draft.remove(0);
    draft.versionReason = whole;
    expect(draft.faults).toEqual([]);
    expect(draft.on('d').version_reason).toEqual(whole);
  });

  it('begins with what was decided before', () => {
    const remark = { criterion: 'A1', kind: 'strength', text: whole };
    const moderation = { level: 'gold', reason: whole };
    const draft = new DecisionDraft('level', false, { moderation, remarks: [remark] });
    expect(draft.on('d')).toMatchObject({ moderation, remarks: [remark] });
    expect(draft.isTyped).toBe(false);
    draft.ruling = 'none';
    expect(draft.isTyped).toBe(true);
  });
});
