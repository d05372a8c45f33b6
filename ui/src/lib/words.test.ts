import { afterEach, describe, expect, it } from 'vitest';

import { m } from '$paraglide/messages';

import { shellRefusal } from '$lib/api/error';
import { errorWords, thrownWords } from '$lib/errors';
import { setLanguage } from '$lib/i18n.svelte';
import {
  answerLines,
  counted,
  isTroubled,
  reportLines,
  stageWords,
  waitingWords,
} from '$lib/sync/words';

afterEach(() => {
  setLanguage('ar', 'latn');
});

describe('Arabic counts', () => {
  const cases: [number, string][] = [
    [0, 'لا سجلات'],
    [1, 'سجل واحد'],
    [2, 'سجلان'],
    [3, '3 سجلات'],
    [10, '10 سجلات'],
    [11, '11 سجلًا'],
    [99, '99 سجلًا'],
    [100, '100 سجل'],
    [101, '101 سجل'],
    [102, '102 سجل'],
    [103, '103 سجلات'],
    [111, '111 سجلًا'],
  ];
  it.each(cases)('%i', (count, words) => {
    expect(m.app_count_records(counted(count))).toBe(words);
  });

  it('take the digits that were chosen without losing their form', () => {
    setLanguage('ar', 'arab');
    expect(m.app_count_records(counted(11))).toBe('١١ سجلًا');
  });
});

describe('English counts', () => {
  it.each([
    [0, '0 records'],
    [1, '1 record'],
    [2, '2 records'],
    [100, '100 records'],
  ])('%i', (count, words) => {
    setLanguage('en', 'latn');
    expect(m.app_count_records(counted(count))).toBe(words);
  });
});

describe('errors', () => {
  it('follow the language', () => {
    const body = { code: 'device.wrong_passphrase', params: {} };
    expect(errorWords(body)).toContain('عبارة المرور');
    setLanguage('en', 'latn');
    expect(errorWords(body)).toContain('passphrase');
  });

  it('carry their values in the digits and units of the person', () => {
    setLanguage('en', 'latn');
    const size = { code: 'evidence.too_large', params: { bytes: '31000000', max: '25000000' } };
    expect(errorWords(size)).toContain('31 MB');
    expect(errorWords(size)).toContain('25 MB');
    setLanguage('ar', 'arab');
    const short = { code: 'device.passphrase_too_short', params: { chars: '5', min: '8' } };
    expect(errorWords(short)).toContain('٨');
  });

  it('nobody wrote words for show their code', () => {
    expect(errorWords({ code: 'device.from_the_future' })).toContain('device.from_the_future');
  });

  it('that are not the device’s are a broken connection to it', () => {
    setLanguage('en', 'latn');
    expect(thrownWords(new TypeError('Failed to fetch'))).toBe(m.error_ui_unreachable());
  });
});

describe('a refusal of the shell', () => {
  it('keeps the code the shell gave', () => {
    const thrown = { code: 'host.no_such_file', params: {} };
    expect(shellRefusal(thrown, 'host.not_read').code).toBe('host.no_such_file');
    expect(thrownWords(shellRefusal(thrown, 'host.not_read'))).toBe(m.error_host_no_such_file());
  });

  it('has a code when the shell gave none', () => {
    expect(shellRefusal(new Error('gone'), 'host.not_read').code).toBe('host.not_read');
    expect(shellRefusal(undefined, 'host.not_read').code).toBe('host.not_read');
  });
});

describe('the exchange', () => {
  const status = {
    tick: 1,
    running: true,
    stage: 'pushing' as const,
    done: 12,
    total: 40,
    report: null,
    error: null,
    cancelled: false,
    finished_ms: null,
  };
  const ledger = {
    last_sync_ms: null,
    unsent_records: 2,
    unsent_files: 3,
    unsent_bytes: 4_290_000,
    conflicts: 0,
    rejections: 0,
    evaluations: [],
    files: [],
    orphans: [],
  };

  it('names its stage and how much is left', () => {
    expect(stageWords(status)).toBe('إرسال السجلات: 12 من 40');
    expect(stageWords({ ...status, total: null })).toBe('إرسال السجلات');
  });

  it('names what waits, and nothing when nothing does', () => {
    expect(waitingWords(ledger)).toBe('ينتظر الإرسال: سجلان و3 ملفات (4.3 ميغابايت)');
    expect(waitingWords({ ...ledger, unsent_records: 0, unsent_files: 0 })).toBe('');
  });

  it('says of a run only what happened', () => {
    const none = {
      applied: 0,
      same: 0,
      conflicts: 0,
      rejected: 0,
      files_sent: 0,
      files_broken: [],
      files_refused: [],
      pulled: 0,
      repaired: [],
      differing: [],
      sent_again: false,
      repaired_gap: false,
    };
    expect(reportLines(none)).toEqual([]);
    expect(reportLines({ ...none, sent_again: true })).toHaveLength(1);
    expect(reportLines({ ...none, repaired_gap: true })).toHaveLength(1);
    expect(reportLines({ ...none, applied: 2, repaired: ['visits'] })).toHaveLength(2);
  });

  it('does not call an answer empty that refuses a file', () => {
    const none = {
      applied: 0,
      same: 0,
      conflicts: 0,
      rejected: 0,
      files: 0,
      files_refused: [],
      pulled: 0,
      sends_again: false,
    };
    expect(answerLines({ ...none, sends_again: true })).toEqual([m.app_report_sends_again()]);
    expect(answerLines(none)).toEqual([m.app_sync_nothing_new()]);
    expect(isTroubled(none)).toBe(false);
    const refused = { sha256: 'a'.repeat(64), error: { code: 'evidence.type' } };
    const refusing = { ...none, files_refused: [refused] };
    expect(answerLines(refusing)).toEqual([]);
    expect(isTroubled(refusing)).toBe(true);
  });
});
