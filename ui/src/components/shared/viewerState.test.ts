import { describe, expect, it } from 'vitest';

import { ViewerState } from '$components/shared/viewerState.svelte';

function viewer(count: number): ViewerState {
  const state = new ViewerState();
  state.take(
    Array.from({ length: count }, (_, at) => ({
      id: `f${at}`,
      label: `File ${at}`,
      mediaType: 'image/jpeg',
    })),
  );
  return state;
}

describe('a viewer', () => {
  it('begins with the first file and goes around at the ends', () => {
    const state = viewer(3);
    expect(state.shown).toEqual(['f0']);
    state.step(-1);
    expect(state.shown).toEqual(['f2']);
    state.step(1);
    expect(state.shown).toEqual(['f0']);
    expect(viewer(0).shown).toEqual([]);
  });

  it('zooms within bounds, and fits again where it began', () => {
    const state = viewer(1);
    state.move(5, 5);
    expect(state.view(0)).toMatchObject({ zoom: 1, x: 0, y: 0 });
    for (let at = 0; at < 20; at += 1) state.zoom(1);
    expect(state.view(0).zoom).toBe(8);
    state.move(5, -5);
    expect(state.view(0)).toMatchObject({ x: 5, y: -5 });
    for (let at = 0; at < 20; at += 1) state.zoom(-1);
    expect(state.view(0)).toMatchObject({ zoom: 1, x: 0, y: 0 });
  });

  it('compares two, each with a view of its own, and keeps the active one', () => {
    const state = viewer(3);
    state.rotate();
    state.compare();
    expect([state.shown, state.active]).toEqual([['f0', 'f1'], 1]);
    expect([state.view(0).turned, state.view(1).turned]).toEqual([90, 0]);
    state.step(1);
    expect(state.shown).toEqual(['f0', 'f2']);
    state.compare();
    expect(state.shown).toEqual(['f2']);
    const alone = viewer(1);
    alone.compare();
    expect(alone.isComparing).toBe(false);
  });

  it('keeps what is shown when other files come, if it is one of them', () => {
    const state = viewer(3);
    state.show('f2');
    state.take(state.files.slice(1));
    expect(state.shown).toEqual(['f2']);
    state.take(state.files.slice(0, 1));
    expect(state.shown).toEqual(['f1']);
    state.show('gone');
    expect(state.shown).toEqual(['f1']);
  });
});
