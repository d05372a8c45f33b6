import { describe, expect, it } from 'vitest';
import { lastGiven, Saves, type Change, type Unsaved } from '$lib/visit/saves';

const answer = (value: number, note?: string): Change =>
  note === undefined
    ? { do: 'answer', given: { value } }
    : { do: 'answer', given: { value }, note };
const note = (text: string): Change => ({ do: 'note', note: text });

/** A device that answers when it is told to. */
function device() {
  const sent: [string, Change][] = [];
  const open: { resolve: () => void; reject: (error: unknown) => void }[] = [];
  const saved: [string, Change, number][] = [];
  const shown = new Map<string, Unsaved>();
  const saves = new Saves<null>({
    send: (criterion, change) =>
      new Promise((resolve, reject) => {
        sent.push([criterion, change]);
        open.push({ resolve: () => resolve(null), reject });
      }),
    saved: (criterion, change, _, rest) => saved.push([criterion, change, rest]),
    changed: (criterion, unsaved) => shown.set(criterion, unsaved),
  });
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const confirm = async () => {
    open.shift()?.resolve();
    await turn();
  };
  const refuse = async (error: unknown = 'no') => {
    open.shift()?.reject(error);
    await turn();
  };
  const state = (criterion = 'A1') => shown.get(criterion)?.state;
  return { saves, sent, saved, shown, confirm, refuse, state };
}

describe('saving', () => {
  it('counts as saved only after the device has answered', async () => {
    const { saves, state, confirm, saved } = device();
    saves.push('A1', answer(3));
    expect(state()).toBe('saving');
    expect(saves.count()).toEqual({ unsaved: 1, failed: 0 });
    await confirm();
    expect(state()).toBe('saved');
    expect(saved).toEqual([['A1', answer(3), 0]]);
    expect(saves.count()).toEqual({ unsaved: 0, failed: 0 });
  });

  it('sends the changes of one criterion one after another, every one of them', async () => {
    const { saves, sent, confirm } = device();
    saves.push('A1', answer(1));
    saves.push('A1', answer(2));
    saves.push('A1', { do: 'undo' });
    expect(sent).toHaveLength(1);
    await confirm();
    await confirm();
    await confirm();
    expect(sent.map(([, change]) => change)).toEqual([answer(1), answer(2), { do: 'undo' }]);
  });

  it('does not make one criterion wait for another', () => {
    const { saves, sent } = device();
    saves.push('A1', answer(1));
    saves.push('A2', answer(2));
    expect(sent.map(([criterion]) => criterion)).toEqual(['A1', 'A2']);
  });

  it('keeps a failed change in view and sends it again', async () => {
    const { saves, sent, state, shown, refuse, confirm } = device();
    saves.push('A1', answer(4));
    await refuse('the disk is full');
    expect(state()).toBe('failed');
    expect(shown.get('A1')?.error).toBe('the disk is full');
    expect(lastGiven(shown.get('A1')?.changes ?? [])).toEqual({ value: 4 });
    saves.retry('A1');
    expect(state()).toBe('saving');
    await confirm();
    expect(state()).toBe('saved');
    expect(sent.map(([, change]) => change)).toEqual([answer(4), answer(4)]);
  });

  const failures: [string, Change[], Change, Change[]][] = [
    ['a new answer replaces it', [answer(1)], answer(2), [answer(2)]],
    ['its note is not lost', [answer(1, 'seen')], answer(2), [answer(2, 'seen')]],
    ['a newer note wins', [answer(1, 'seen')], answer(2, 'new'), [answer(2, 'new')]],
    ['a note goes with its answer', [answer(1)], note('x'), [answer(1, 'x')]],
    ['a new note replaces a failed one', [note('a')], note('b'), [note('b')]],
    ['a failed note goes with a new answer', [note('a')], answer(2), [answer(2, 'a')]],
    ['undo gives it up', [answer(1)], { do: 'undo' }, []],
    ['an answer replaces a failed undo', [{ do: 'undo' }], answer(2), [answer(2)]],
    ['undo again repeats a failed undo', [{ do: 'undo' }], { do: 'undo' }, [{ do: 'undo' }]],
  ];
  it.each(failures)('after a failure: %s', async (_, before, change, after) => {
    const { saves, shown, refuse } = device();
    for (const one of before) saves.push('A1', one);
    await refuse();
    saves.push('A1', change);
    expect(shown.get('A1')?.changes).toEqual(after);
    expect(saves.count().failed).toBe(0);
  });

  it('giving up shows the last saved state', async () => {
    const { saves, state, shown, confirm, refuse } = device();
    saves.push('A1', answer(1));
    await confirm();
    saves.push('A1', answer(2));
    await refuse();
    saves.discard('A1');
    expect(state()).toBe('saved');
    expect(shown.get('A1')?.changes).toEqual([]);
  });

  it('retries all that failed', async () => {
    const { saves, sent, refuse } = device();
    saves.push('A1', answer(1));
    saves.push('A2', answer(2));
    await refuse();
    await refuse();
    expect(saves.count()).toEqual({ unsaved: 2, failed: 2 });
    saves.retryAll();
    expect(sent).toHaveLength(4);
    expect(saves.count().failed).toBe(0);
  });

  it('what waited behind a failure is sent after it, and undo gives up the last', async () => {
    const { saves, shown, refuse } = device();
    saves.push('A1', answer(1));
    saves.push('A1', answer(2));
    await refuse();
    saves.push('A1', { do: 'undo' });
    expect(shown.get('A1')?.changes).toEqual([answer(1)]);
    await refuse();
    saves.push('A2', answer(3));
    expect(saves.push('A1', answer(4)), 'one version will be made of two').toBe(true);
    expect(saves.push('A1', answer(5))).toBe(false);
    expect(shown.get('A1')?.changes).toEqual([answer(4), answer(5)]);
  });

  it('settles when nothing is on its way, failed or not', async () => {
    const { saves, confirm, refuse } = device();
    await saves.settled();
    saves.push('A1', answer(1));
    saves.push('A2', answer(1));
    let isSettled = false;
    const settled = saves.settled().then(() => (isSettled = true));
    await confirm();
    expect(isSettled).toBe(false);
    await refuse();
    await settled;
    expect(isSettled).toBe(true);
  });
});
