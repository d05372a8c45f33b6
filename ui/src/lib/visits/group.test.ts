import { describe, expect, it } from 'vitest';

import type { DeliveryState, VisitState, VisitSummary } from '$lib/api/types';
import { groupOf, grouped, isOverdue, todayAt, wanted, type Group } from '$lib/visits/group';

const HOUR = 3_600_000;
// Built from local parts: the test holds in every zone.
const now = new Date(2026, 2, 10, 12, 0).getTime();
const today = todayAt(now);

function visit(part: Partial<VisitSummary> & { delivered?: DeliveryState } = {}): VisitSummary {
  const { delivered = 'not_submitted', ...rest } = part;
  return {
    visit: 'v',
    cycle: '6',
    centre_code: 'C-001',
    centre: { ar: 'مركز أحمد للمرور', en: 'Ahmed Traffic Centre' },
    agency: { ar: 'هيئة الكهرباء', en: 'Electricity Authority' },
    model: 'in_person',
    kind: 'unannounced',
    state: 'assigned',
    from: '2026-03-08',
    to: '2026-03-20',
    answered: 0,
    to_answer: 62,
    questions: 0,
    started_ms: null,
    ended_ms: null,
    report_due_ms: null,
    delivery: { state: delivered, error: null },
    ...rest,
  };
}

describe('today', () => {
  it('is the day of the device, to its last moment', () => {
    expect(today.day).toBe('2026-03-10');
    expect(new Date(today.endMs + 1).getDate()).toBe(11);
    expect(todayAt(new Date(2026, 0, 1, 0, 0).getTime()).day).toBe('2026-01-01');
  });
});

describe('a visit belongs', () => {
  const cases: [string, Partial<VisitSummary> & { delivered?: DeliveryState }, Group][] = [
    ['returned with questions', { state: 'returned' }, 'returned'],
    [
      'returned, also when its time has run out',
      { state: 'returned', report_due_ms: now - 1 },
      'returned',
    ],
    ['report overdue', { state: 'in_progress', report_due_ms: now - HOUR }, 'due'],
    ['report due today', { state: 'in_progress', report_due_ms: now + 6 * HOUR }, 'due'],
    ['report due tomorrow', { state: 'in_progress', report_due_ms: now + 13 * HOUR }, 'to_submit'],
    ['last day of the window', { state: 'accepted', to: '2026-03-10' }, 'due'],
    ['window passed', { state: 'in_progress', to: '2026-03-09' }, 'due'],
    ['window open', { state: 'accepted' }, 'to_submit'],
    ['window ahead', { state: 'accepted', from: '2026-03-11' }, 'upcoming'],
    ['begun before its window', { state: 'in_progress', from: '2026-03-11' }, 'to_submit'],
    ['assigned', { state: 'assigned' }, 'to_accept'],
    ['planned', { state: 'planned' }, 'upcoming'],
    ['submitted, waits', { state: 'submitted', delivered: 'waiting' }, 'sending'],
    ['submitted, files wait', { state: 'submitted', delivered: 'files_waiting' }, 'sending'],
    ['submitted, refused', { state: 'submitted', delivered: 'rejected' }, 'sending'],
    ['submitted, two versions', { state: 'in_review', delivered: 'conflict' }, 'sending'],
    ['submitted and there', { state: 'submitted', delivered: 'sent' }, 'done'],
    ['counted', { state: 'counted', delivered: 'sent' }, 'done'],
    ['declined', { state: 'declined' }, 'done'],
    ['cancelled', { state: 'cancelled' }, 'done'],
    ['exposed', { state: 'exposed' }, 'done'],
  ];
  it.each(cases)('%s', (_title, part, group) => {
    expect(groupOf(visit(part), today)).toBe(group);
  });

  it('in exactly one group whatever its state', () => {
    const states: VisitState[] = [
      'planned',
      'assigned',
      'accepted',
      'in_progress',
      'submitted',
      'in_review',
      'returned',
      'validated',
      'counted',
      'declined',
      'cancelled',
      'exposed',
    ];
    const all = states.map((state) => visit({ visit: state, state }));
    const spread = grouped(all, today).flatMap(({ visits }) => visits.map((one) => one.visit));
    expect(spread.sort()).toEqual([...states].sort());
  });
});

describe('the order', () => {
  it('of groups is that of their urgency', () => {
    const all = [
      visit({ state: 'counted', delivered: 'sent' }),
      visit({ state: 'assigned' }),
      visit({ state: 'in_progress', report_due_ms: now - 1 }),
      visit({ state: 'returned' }),
    ];
    expect(grouped(all, today).map(({ group }) => group)).toEqual([
      'returned',
      'due',
      'to_accept',
      'done',
    ]);
  });

  it('within a group puts the most pressing first and what is done last first', () => {
    const due = [
      visit({ visit: 'later', state: 'in_progress', report_due_ms: now + HOUR }),
      visit({ visit: 'late', state: 'in_progress', report_due_ms: now - HOUR }),
      visit({ visit: 'last day', state: 'accepted', to: '2026-03-10' }),
    ];
    expect(grouped(due, today)[0]?.visits.map((one) => one.visit)).toEqual([
      'late',
      'later',
      'last day',
    ]);
    const done = [
      visit({ visit: 'old', state: 'declined', to: '2026-01-01' }),
      visit({ visit: 'new', state: 'declined', to: '2026-02-01' }),
    ];
    expect(grouped(done, today)[0]?.visits.map((one) => one.visit)).toEqual(['new', 'old']);
  });

  it('leaves the list it was given as it was', () => {
    const all = [
      visit({ visit: 'b', centre_code: 'C-2' }),
      visit({ visit: 'a', centre_code: 'C-1' }),
    ];
    grouped(all, today);
    expect(all.map((one) => one.visit)).toEqual(['b', 'a']);
  });
});

describe('overdue', () => {
  it('begins the moment after the report was due', () => {
    expect(isOverdue(visit({ report_due_ms: now }), today)).toBe(false);
    expect(isOverdue(visit({ report_due_ms: now - 1 }), today)).toBe(true);
    expect(isOverdue(visit(), today)).toBe(false);
  });
});

describe('a search', () => {
  const any = { search: '', kind: 'all', model: 'all' } as const;
  const all = [
    visit({ visit: 'a' }),
    visit({
      visit: 'b',
      centre_code: 'C-017',
      kind: 'scheduled',
      model: 'remote',
      centre: { ar: 'مركز الاتصال', en: 'Contact Centre' },
    }),
  ];
  const found = (by: Partial<Parameters<typeof wanted>[1]>) =>
    wanted(all, { ...any, ...by }).map((one) => one.visit);

  it('finds by either language, by code, and past the forms of letters', () => {
    expect(found({ search: 'احمد' })).toEqual(['a']);
    expect(found({ search: 'contact' })).toEqual(['b']);
    expect(found({ search: 'c-٠١٧' })).toEqual(['b']);
    expect(found({ search: 'مركز كهرباء' })).toEqual(['a', 'b']);
    expect(found({ search: 'nothing' })).toEqual([]);
  });

  it('is narrowed by kind and model', () => {
    expect(found({ kind: 'scheduled' })).toEqual(['b']);
    expect(found({ model: 'in_person' })).toEqual(['a']);
    expect(found({ kind: 'scheduled', model: 'in_person' })).toEqual([]);
  });
});
