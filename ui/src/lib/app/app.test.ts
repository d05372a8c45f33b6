import { describe, expect, it } from 'vitest';

import { ApiError } from '$lib/api/error';
import { decodeFrame } from '$lib/api/tauri';
import { IdleClock } from '$lib/app/idle';
import { Query } from '$lib/app/query.svelte';
import { Saving } from '$lib/app/saving.svelte';
import { direction, shellName, shownTheme } from '$lib/app/theme';

function later<T>() {
  let resolve!: (value: T) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

describe('saving', () => {
  it('is saved only after the last write under way has come back', async () => {
    const saving = new Saving(() => 42);
    expect(saving.state).toBe('idle');
    const [one, two] = [later<number>(), later<number>()];
    const both = [saving.track(one.promise), saving.track(two.promise)];
    expect(saving.state).toBe('saving');
    one.resolve(1);
    await both[0];
    expect(saving.state).toBe('saving');
    two.resolve(2);
    expect(await both[1]).toBe(2);
    expect([saving.state, saving.savedMs]).toEqual(['saved', 42]);
  });

  it('that failed stays unsaved until it is settled, once', async () => {
    const saving = new Saving();
    await expect(saving.track(Promise.reject(new Error('disk')))).rejects.toThrow('disk');
    const settle = saving.fail();
    expect([saving.state, saving.unsaved]).toEqual(['failed', true]);
    settle();
    settle();
    expect([saving.failed, saving.unsaved]).toEqual([0, false]);
  });

  it('holds what is typed and not sent, and flush sends it', async () => {
    const saving = new Saving();
    const release = saving.hold();
    let sent = false;
    saving.onFlush(async () => {
      sent = true;
      release();
    });
    expect(saving.unsaved).toBe(true);
    await saving.flush();
    expect([sent, saving.unsaved]).toEqual([true, false]);
  });

  it('a flush that fails does not hide the others', async () => {
    const saving = new Saving();
    let sent = false;
    saving.onFlush(() => Promise.reject(new Error('disk')));
    saving.onFlush(async () => {
      sent = true;
    });
    await saving.flush();
    expect(sent).toBe(true);
  });
});

describe('a query', () => {
  it('loads when first used and not again while fresh', async () => {
    let loads = 0;
    const query = new Query(async () => (loads += 1));
    query.use()();
    await Promise.resolve();
    query.use()();
    await Promise.resolve();
    expect([loads, query.data]).toEqual([1, 1]);
  });

  it('announced as changed is refetched at once on screen, else when next shown', async () => {
    let loads = 0;
    const query = new Query(async () => (loads += 1));
    const leave = query.use();
    query.changed();
    expect(loads).toBe(2);
    leave();
    query.changed();
    expect(loads).toBe(2);
    query.use();
    expect(loads).toBe(3);
  });

  it('keeps the newer answer when an older one comes late', async () => {
    const turns = [later<string>(), later<string>()];
    let turn = 0;
    const query = new Query(() => {
      const next = turns[(turn += 1) - 1];
      if (!next) throw new Error('a third load');
      return next.promise;
    });
    const both = [query.refresh(), query.refresh()];
    turns[1]?.resolve('new');
    turns[0]?.resolve('old');
    await Promise.all(both);
    expect(query.data).toBe('new');
  });

  it('keeps what it had when a refetch is refused, and says why', async () => {
    const answers = [
      Promise.resolve('kept'),
      Promise.reject(new ApiError(423, { code: 'device.locked' })),
    ];
    const query = new Query(() => answers.shift() ?? Promise.resolve('none'));
    await query.refresh();
    await query.refresh();
    expect([query.data, query.error?.code]).toEqual(['kept', 'device.locked']);
  });

  it('forgets everything when cleared, also what is still under way', async () => {
    const slow = later<string>();
    const query = new Query(() => slow.promise);
    const loading = query.refresh();
    query.clear();
    slow.resolve('secret');
    await loading;
    expect(query.data).toBeUndefined();
  });
});

describe('the idle clock', () => {
  function clock(over: Partial<{ limit: number | null; may: boolean }> = {}) {
    const world = { now: 0, locks: 0, may: over.may ?? true };
    const idle = new IdleClock({
      lockAfterMs: () => (over.limit === undefined ? 60_000 : over.limit),
      mayLock: () => world.may,
      lock: () => (world.locks += 1),
      now: () => world.now,
    });
    return { world, idle };
  }

  it('locks after the time that was set, counted from the last touch', () => {
    const { world, idle } = clock();
    world.now = 59_000;
    idle.touch();
    world.now = 118_000;
    idle.tick();
    expect(world.locks).toBe(0);
    world.now = 119_000;
    idle.tick();
    expect(world.locks).toBe(1);
  });

  it('waits while something is unsaved and locks once it is not', () => {
    const { world, idle } = clock({ may: false });
    world.now = 120_000;
    idle.tick();
    expect(world.locks).toBe(0);
    world.may = true;
    idle.tick();
    expect(world.locks).toBe(1);
  });

  it('never locks when told so', () => {
    const { world, idle } = clock({ limit: null });
    world.now = 1e12;
    idle.tick();
    expect(world.locks).toBe(0);
  });
});

describe('the look', () => {
  it('follows the system unless the person chose', () => {
    const prefers = { dark: true, contrast: false };
    expect(shownTheme('system', prefers)).toBe('dark');
    expect(shownTheme('system', { dark: false, contrast: true })).toBe('contrast');
    expect(shownTheme('light', prefers)).toBe('light');
  });

  it('turns with the language', () => {
    expect([direction('ar'), direction('en')]).toEqual(['rtl', 'ltr']);
  });

  it('knows the one engine that needs the cure for marks', () => {
    expect(shellName(true, 'Mozilla/5.0 Version/60.5 Safari/605.1.15')).toBe('webkitgtk');
    expect(shellName(true, 'Mozilla/5.0 Chrome/126 Edg/126')).toBe('window');
    expect(shellName(false, 'Mozilla/5.0 Version/17 Safari/605.1.15')).toBe('browser');
  });
});

describe('the frame of the window', () => {
  function frame(status: number, type: string, disposition: string, body: number[]) {
    const parts = [type, disposition].map((text) => new TextEncoder().encode(text));
    const length = 2 + parts.reduce((sum, part) => sum + 2 + part.length, 0) + body.length;
    const bytes = new Uint8Array(length);
    const view = new DataView(bytes.buffer);
    view.setUint16(0, status);
    let at = 2;
    for (const part of parts) {
      view.setUint16(at, part.length);
      bytes.set(part, at + 2);
      at += 2 + part.length;
    }
    bytes.set(body, at);
    return bytes;
  }

  it('comes apart into status, headers and body', () => {
    const taken = decodeFrame(
      frame(201, 'image/jpeg', 'attachment; filename="a.mizb"', [1, 2, 255]),
    );
    expect(taken.status).toBe(201);
    expect(taken.contentType).toBe('image/jpeg');
    expect(taken.disposition).toBe('attachment; filename="a.mizb"');
    expect([...taken.body]).toEqual([1, 2, 255]);
  });

  it('may have nothing but a status, and may lie inside a larger buffer', () => {
    const whole = new Uint8Array([9, 9, ...frame(204, '', '', [])]);
    const taken = decodeFrame(whole.subarray(2));
    expect([taken.status, taken.contentType, taken.body.length]).toEqual([204, '', 0]);
  });
});
