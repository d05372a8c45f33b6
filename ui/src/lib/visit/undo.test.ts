import { describe, expect, it } from 'vitest';
import { UndoStack } from '$lib/visit/undo';

describe('taking back', () => {
  it('goes from the last change to the first', () => {
    const stack = new UndoStack();
    stack.made('A1', 'answer');
    stack.made('A2', 'answer');
    expect(stack.take()?.criterion).toBe('A2');
    expect(stack.take()?.criterion).toBe('A1');
    expect(stack.take()).toBeNull();
  });

  it('a note typed in one go is one change', () => {
    const stack = new UndoStack();
    stack.made('A1', 'note');
    stack.made('A1', 'note');
    stack.made('A1', 'note');
    expect(stack.take()).toEqual({ criterion: 'A1', what: 'note', steps: 3 });
  });

  it('leaving the field begins a new change', () => {
    const stack = new UndoStack();
    stack.made('A1', 'note');
    stack.typingEnded();
    stack.made('A1', 'note');
    expect(stack.take()?.steps).toBe(1);
    expect(stack.take()?.steps).toBe(1);
  });

  it('another change between two notes parts them', () => {
    const stack = new UndoStack();
    stack.made('A1', 'note');
    stack.made('A1', 'answer');
    stack.made('A1', 'note');
    expect(stack.take()?.steps).toBe(1);
  });

  it('what was never saved is not taken back', () => {
    const stack = new UndoStack();
    stack.made('A1', 'answer');
    stack.made('A1', 'note');
    stack.made('A1', 'note');
    stack.forget('A1');
    stack.forget('A2');
    expect(stack.take()?.steps).toBe(1);
    stack.forget('A1');
    expect(stack.take()).toBeNull();
  });

  it('one criterion can be taken back alone', () => {
    const stack = new UndoStack();
    stack.made('A1', 'answer');
    stack.made('A2', 'answer');
    expect(stack.take('A1')?.criterion).toBe('A1');
    expect(stack.take('A1')).toBeNull();
    expect(stack.take()?.criterion).toBe('A2');
  });
});
