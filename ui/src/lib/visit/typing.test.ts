import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Typing } from '$lib/visit/typing';

describe('typed text', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function typing() {
    let held = 0;
    const handed: string[] = [];
    const texts = new Typing(() => {
      held += 1;
      return () => (held -= 1);
    });
    const type = (text: string) => {
      texts.typed('note', 400, () => {
        texts.ended('note');
        handed.push(text);
      });
    };
    return { texts, type, handed, held: () => held };
  }

  it('is handed over once, after the pause, in its last form', () => {
    const { type, handed } = typing();
    type('a');
    vi.advanceTimersByTime(399);
    type('ab');
    vi.advanceTimersByTime(399);
    expect(handed).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(handed).toEqual(['ab']);
  });

  it('is unsaved from the first letter until it is handed over', () => {
    const { type, held } = typing();
    expect(held()).toBe(0);
    type('a');
    type('ab');
    expect(held()).toBe(1);
    vi.advanceTimersByTime(400);
    expect(held()).toBe(0);
  });

  it('ended early, nothing follows', () => {
    const { texts, type, handed, held } = typing();
    type('a');
    texts.ended('note');
    texts.ended('note');
    vi.advanceTimersByTime(1000);
    expect(handed).toEqual([]);
    expect(held()).toBe(0);
  });
});
