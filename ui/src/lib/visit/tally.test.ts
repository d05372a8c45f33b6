import { expect, it } from 'vitest';
import { CriterionWork } from '$lib/visit/criterionWork.svelte';
import { tally } from '$lib/visit/tally';
import { criterion, viewOf } from '$lib/visit/testing';

it('counts answers by sort, files once, and the times of visit and contacts', () => {
  const pillar = { id: 'A', name: { ar: 'أ', en: 'A' } };
  const given = {
    criterion: '',
    value: null,
    na: null,
    ne: null,
    note: null,
    at_ms: 0,
    earlier: 1,
  };
  const answers = [
    { ...given, value: 3, note: 'seen' },
    { ...given, value: false, note: ' ' },
    { ...given, na: 'no lift' },
    { ...given, ne: 'closed' },
  ];
  const criteria = answers.map((answer, place) => {
    const one = new CriterionWork(criterion(`A${place}`), pillar, place);
    one.answer = answer;
    return one;
  });
  const file = { criterion: 'A0', kind: 'photo', media_type: '', bytes: 1, at_ms: 0, sent: false };
  const view = viewOf({
    state: 'in_progress',
    evidence: [
      { ...file, sha256: 'a' },
      { ...file, criterion: 'A1', sha256: 'a' },
      { ...file, sha256: 'b' },
    ],
    times: [{ moment: 'arrived', at_ms: 0 }],
    contacts: [
      { contact: 'c', channel: 'phone', moments: [{ moment: 'dialled', at_ms: 1 }], next: [] },
    ],
  });
  expect(tally({ criteria, view })).toEqual({
    scored: 2,
    na: 1,
    ne: 1,
    notes: 1,
    evidence: 2,
    times: 2,
  });
});
