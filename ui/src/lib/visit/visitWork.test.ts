import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DeviceApi } from '$lib/api/device';
import { ApiError } from '$lib/api/error';
import type { AnswerInput, AnswerSaved, AnswerView, VisitView } from '$lib/api/types';
import { Announcer } from '$lib/app/announcer.svelte';
import { Saving } from '$lib/app/saving.svelte';
import { ScoreList } from '$lib/visit/scoreList.svelte';
import { criterion, rubricOf, viewOf } from '$lib/visit/testing';
import { VisitWork } from '$lib/visit/visitWork.svelte';

const rubric = rubricOf({
  A: [criterion('A1'), criterion('A2', { scale: { kind: 'timed', unit: 'min' } })],
  B: [criterion('B1'), criterion('B2', { visits: ['scheduled'] })],
});

/** A device in memory: it keeps every version of an answer, and can be told to refuse. */
function device() {
  const versions = new Map<string, AnswerView[]>();
  const calls: string[] = [];
  const control = { refuse: 0, slow: null as Promise<void> | null };
  const saved = (id: string): AnswerSaved => {
    const all = versions.get(id) ?? [];
    const last = all.at(-1);
    return {
      answer: last === undefined ? null : { ...last, earlier: all.length },
      missing: last === undefined ? [{ code: 'visit.incomplete', criterion: id, params: {} }] : [],
      state: 'in_progress',
    };
  };
  const put = async (call: string, id: string, next: (last?: AnswerView) => AnswerView | null) => {
    calls.push(call);
    await control.slow;
    if (control.refuse > 0) {
      control.refuse -= 1;
      throw new ApiError(507, { code: 'device.disk_full', params: {} });
    }
    const all = versions.get(id) ?? [];
    const made = next(all.at(-1));
    versions.set(id, made === null ? all.slice(0, -1) : [...all, made]);
    return saved(id);
  };
  const view = (): VisitView =>
    viewOf({
      answers: [...versions.keys()].flatMap((id) => saved(id).answer ?? []),
      state: 'in_progress',
    });
  const api = {
    answer: (_: string, id: string, input: AnswerInput) =>
      put(`answer ${id} ${JSON.stringify(input)}`, id, (last) => ({
        criterion: id,
        value: input.value ?? null,
        na: input.na ?? null,
        ne: input.ne ?? null,
        note: input.note ?? last?.note ?? null,
        at_ms: 0,
        earlier: 0,
      })),
    note: (_: string, id: string, note: string) =>
      put(`note ${id} ${note}`, id, (last) => (last === undefined ? null : { ...last, note })),
    undo: (_: string, id: string) => put(`undo ${id}`, id, () => null),
    visit: async () => view(),
  } as unknown as DeviceApi;
  const saving = new Saving(() => 0);
  const work = new VisitWork(view(), rubric, {
    api,
    saving,
    announcer: new Announcer(),
    changed: () => undefined,
  });
  const one = (id: string) => {
    const found = work.criterion(id);
    if (found === null) throw new Error(`no criterion ${id}`);
    return found;
  };
  return { work, one, calls, control, saving, versions, view };
}

describe('a visit in work', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  const settle = () => vi.advanceTimersByTimeAsync(0);

  it('shows what is judged on this kind of visit alone', () => {
    const { work } = device();
    expect(work.criteria.map((one) => one.id)).toEqual(['A1', 'A2', 'B1']);
    expect(work.progress).toEqual({ answered: 0, of: 3 });
  });

  it('shows a tap at once and calls it saved only when the device has it', async () => {
    const { work, one, saving } = device();
    work.answer(one('A1'), { value: true });
    expect(one('A1').given).toEqual({ value: true });
    expect(one('A1').answer).toBeNull();
    expect(one('A1').unsaved.state).toBe('saving');
    expect(saving.unsaved).toBe(true);
    await settle();
    expect(one('A1').answer?.value).toBe(true);
    expect(one('A1').unsaved.state).toBe('saved');
    expect(saving.unsaved).toBe(false);
    expect(work.progress.answered).toBe(1);
  });

  it('keeps what failed in view, counts it, and sends it again', async () => {
    const { work, one, control, saving } = device();
    control.refuse = 1;
    work.answer(one('A1'), { value: false });
    await settle();
    expect(one('A1').unsaved.state).toBe('failed');
    expect(one('A1').given).toEqual({ value: false });
    expect(saving.state).toBe('failed');
    expect(work.hasUnsaved()).toBe(true);
    work.retry(one('A1'));
    await settle();
    expect(one('A1').answer?.value).toBe(false);
    expect(saving.state).toBe('saved');
    expect(work.hasUnsaved()).toBe(false);
  });

  it('giving up a failed change leaves nothing to undo', async () => {
    const { work, one, control, calls } = device();
    control.refuse = 1;
    work.answer(one('A1'), { value: false });
    await settle();
    work.discard(one('A1'));
    expect(one('A1').given).toBeNull();
    expect(work.undo()).toBeNull();
    expect(calls).toHaveLength(1);
  });

  it('saves a note after a pause, once, and undoes it in one step', async () => {
    const { work, one, calls, saving } = device();
    work.answer(one('A1'), { value: true });
    await settle();
    work.typeNote(one('A1'), 'a');
    await vi.advanceTimersByTimeAsync(300);
    work.typeNote(one('A1'), 'ab');
    expect(saving.unsaved, 'typed text is unsaved').toBe(true);
    await vi.advanceTimersByTimeAsync(400);
    work.typeNote(one('A1'), 'abc');
    await vi.advanceTimersByTimeAsync(400);
    expect(calls.slice(1)).toEqual(['note A1 ab', 'note A1 abc']);
    expect(work.undo()?.what).toBe('note');
    await settle();
    expect(one('A1').note).toBe('');
    expect(one('A1').given).toEqual({ value: true });
  });

  it('a note that is typed goes with the next answer', async () => {
    const { work, one, calls } = device();
    work.answer(one('A1'), { value: true });
    await settle();
    work.typeNote(one('A1'), 'seen');
    work.answer(one('A1'), { value: false });
    await vi.advanceTimersByTimeAsync(1000);
    expect(calls[1]).toBe('answer A1 {"value":false,"note":"seen"}');
    expect(calls).toHaveLength(2);
  });

  it('flushing hands over everything typed', async () => {
    const { work, one, versions } = device();
    work.answer(one('A1'), { value: true });
    await settle();
    work.typeNote(one('A1'), 'seen');
    work.typeReason(one('B1'), 'ne', ' closed ');
    work.typeNumber(one('A2'), '٢٢٫٥');
    await work.flush();
    expect(versions.get('A1')?.at(-1)?.note).toBe('seen');
    expect(versions.get('B1')?.at(-1)?.ne).toBe('closed');
    expect(versions.get('A2')?.at(-1)?.value).toBe('22.5');
  });

  it('a reason without words is not an answer', async () => {
    const { work, one, calls } = device();
    work.typeReason(one('A1'), 'na', '  ');
    await vi.advanceTimersByTimeAsync(2000);
    work.saveReason(one('A1'));
    expect(calls).toEqual([]);
    expect(one('A1').given).toBeNull();
  });

  it('a number off the scale stays in view and is not sent', async () => {
    const { work, one, calls } = device();
    work.typeNumber(one('A2'), '1o');
    await vi.advanceTimersByTimeAsync(2000);
    work.saveNumber(one('A2'));
    expect(calls).toEqual([]);
    expect(one('A2').numberDraft).toBe('1o');
    expect(one('A2').isTyping).toBe(true);
  });

  it('undo goes back through the changes of the screen in their order', async () => {
    const { work, one } = device();
    work.answer(one('A1'), { value: true });
    work.answer(one('B1'), { value: true });
    work.answer(one('A1'), { value: false });
    await settle();
    expect(work.undo()?.criterion).toBe('A1');
    await settle();
    expect(one('A1').given).toEqual({ value: true });
    expect(work.undo()?.criterion).toBe('B1');
    await settle();
    expect(one('B1').given).toBeNull();
    expect(work.missing.map((missing) => missing.criterion)).toContain('B1');
  });

  it('an old answer of the visit never covers a newer one', async () => {
    const { work, one, view } = device();
    work.answer(one('A1'), { value: true });
    await settle();
    const old = view();
    let arrive: (view: VisitView) => void = () => undefined;
    const slow = work.change(() => new Promise((resolve) => (arrive = resolve)));
    await settle();
    work.answer(one('A1'), { value: false });
    await settle();
    arrive(old);
    await slow;
    expect(one('A1').answer?.value).toBe(false);
  });

  it('what is not on its way is left alone by a reading, and a reading redraws only what changed', async () => {
    const { work, one } = device();
    work.answer(one('A1'), { value: true });
    await settle();
    const before = one('A1').answer;
    await work.refresh();
    expect(one('A1').answer).toBe(before);
  });

  it('nothing can be changed once it is submitted', () => {
    const { work, one, calls } = device();
    work.state = 'submitted';
    work.answer(one('A1'), { value: true });
    expect(calls).toEqual([]);
    expect(work.undo()).toBeNull();
  });

  it('the list does not drop a card from under the finger', async () => {
    const { work, one } = device();
    const list = new ScoreList(work.criteria);
    list.narrow('unanswered', '');
    work.answer(one('A1'), { value: true });
    await settle();
    expect(list.shown.map((shown) => shown.id)).toEqual(['A1', 'A2', 'B1']);
    list.narrow('unanswered', '');
    expect(list.shown.map((shown) => shown.id)).toEqual(['A2', 'B1']);
    expect(list.activeId).toBe('A2');
    list.goTo('A1');
    expect(list.filter, 'going to a hidden criterion widens the list').toBe('all');
    list.movePillar(1);
    expect(list.activeId).toBe('B1');
  });
});
