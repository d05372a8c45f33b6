import { afterEach, describe, expect, it } from 'vitest';

import type { AnswerView, Ledger, SyncStatus } from '$lib/api/types';
import { setLanguage } from '$lib/i18n.svelte';
import { answerWords } from '$lib/sync/conflicts';
import { pillState } from '$lib/sync/pill';
import { shortHash } from '$lib/sync/words';
import { strengthOf } from '$lib/passphrase';
import { criterion } from '$lib/visit/testing';

const ledger: Ledger = {
  last_sync_ms: 1,
  unsent_records: 0,
  unsent_files: 0,
  unsent_bytes: 0,
  conflicts: 0,
  rejections: 0,
  evaluations: [],
  files: [],
  orphans: [],
};
const status: SyncStatus = {
  tick: 1,
  running: false,
  stage: null,
  done: 0,
  total: null,
  report: null,
  error: null,
  cancelled: false,
  finished_ms: null,
};

describe('the sign in the header', () => {
  const failed = (code: string) => ({ ...status, error: { code, params: {} } });
  it.each([
    [
      'a run comes before all',
      { ...ledger, conflicts: 1 },
      { ...status, running: true },
      'running',
    ],
    ['nothing is known yet', undefined, null, 'unknown'],
    [
      'a person must decide',
      { ...ledger, conflicts: 1, unsent_records: 5 },
      failed('server.cut'),
      'attention',
    ],
    ['a refusal needs a person too', { ...ledger, rejections: 1 }, null, 'attention'],
    ['no network', { ...ledger, unsent_records: 5 }, failed('server.unreachable'), 'offline'],
    ['something else went wrong', ledger, failed('session.refused'), 'failed'],
    ['records wait', { ...ledger, unsent_records: 1 }, status, 'waiting'],
    ['files wait', { ...ledger, unsent_files: 1 }, null, 'waiting'],
    ['all is sent', ledger, status, 'clear'],
  ] as const)('%s', (_title, known, run, state) => {
    expect(pillState(known, run)).toBe(state);
  });
});

describe('a version in words', () => {
  afterEach(() => {
    setLanguage('ar', 'latn');
  });
  const answer = (part: Partial<AnswerView>): AnswerView => ({
    criterion: 'A1',
    value: null,
    na: null,
    ne: null,
    note: null,
    at_ms: 0,
    earlier: 0,
    ...part,
  });
  const levels = criterion('A1', {
    scale: { kind: 'level_0_5' },
    anchors: [0, 1, 2, 3, 4, 5].map((level) => ({ ar: `مرساة ${level}`, en: `anchor ${level}` })),
  });

  it('is the level and its anchor', () => {
    setLanguage('en', 'latn');
    const words = answerWords(answer({ value: 3 }), levels);
    expect(words.value).toContain('3');
    expect(words.detail).toBe('anchor 3');
  });

  it('is the reason when it was not judged', () => {
    expect(answerWords(answer({ ne: 'لم تُعرض الحالة' }), levels).detail).toBe('لم تُعرض الحالة');
  });

  it('is the number with its unit, in the digits of the person', () => {
    setLanguage('ar', 'arab');
    const timed = criterion('R3', { scale: { kind: 'timed', unit: 'min' } });
    expect(answerWords(answer({ value: '22.5' }), timed).value).toContain('٢٢٫٥');
  });

  it('is the bare value when the rubric is not here', () => {
    expect(answerWords(answer({ value: 4 }), undefined)).toEqual({ value: '4', detail: null });
  });
});

describe('a short digest', () => {
  it('keeps both ends', () => {
    expect(shortHash(`${'a'.repeat(8)}${'0'.repeat(52)}beef`)).toBe('aaaaaaaa…beef');
  });
});

describe('a passphrase', () => {
  it.each([
    ['', 'empty'],
    ['seven77', 'short'],
    ['كلمة مر', 'short'],
    ['aaaaaaaaaaaaaaaaaaaa', 'weak'],
    ['abcdefghijklmnopqr', 'weak'],
    ['9876543210987654', 'weak'],
    ['sunflower', 'weak'],
    ['sunflower lamp', 'fair'],
    ['correct horse battery staple', 'good'],
    ['نخلة قارب مصباح غيمة', 'good'],
  ])('%s is %s', (passphrase, strength) => {
    expect(strengthOf(passphrase)).toBe(strength);
  });
});
