import { describe, expect, it } from 'vitest';
import { commandOf, stepMove, takesText, type Key } from '$lib/visit/keyboard';

function press(key: string, code = '', held: Partial<Key> = {}): Key {
  return { key, code, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held };
}

describe('keys of the scoring screen', () => {
  const rows: [string, Key, string][] = [
    ['a digit', press('3', 'Digit3'), 'digit'],
    ['an Arabic digit', press('٣', 'Digit3'), 'digit'],
    ['n', press('n', 'KeyN'), 'na'],
    ['n on an Arabic layout', press('ى', 'KeyN'), 'na'],
    ['e', press('e', 'KeyE'), 'ne'],
    ['m', press('m', 'KeyM'), 'note'],
    ['a', press('a', 'KeyA'), 'attach'],
    ['g', press('g', 'KeyG'), 'guidance'],
    ['u', press('u', 'KeyU'), 'undo'],
    ['control and z', press('z', 'KeyZ', { ctrlKey: true }), 'undo'],
    ['command and z', press('z', 'KeyZ', { metaKey: true }), 'undo'],
    ['down', press('ArrowDown', 'ArrowDown'), 'next'],
    ['up', press('ArrowUp', 'ArrowUp'), 'previous'],
    ['page down', press('PageDown', 'PageDown'), 'next_pillar'],
    ['alt and up', press('ArrowUp', 'ArrowUp', { altKey: true }), 'previous_pillar'],
    ['slash', press('/', 'Slash'), 'find'],
    ['slash on an Arabic layout', press('ظ', 'Slash'), 'find'],
    ['question mark', press('?', 'Slash', { shiftKey: true }), 'help'],
    ['Arabic question mark', press('؟', 'Slash', { shiftKey: true }), 'help'],
  ];
  it.each(rows)('%s', (_, key, command) => {
    expect(commandOf(key, false)?.do).toBe(command);
    expect(commandOf(key, true), 'nothing fires while typing').toBeNull();
  });

  it('an Arabic digit arrives as 0–9', () => {
    expect(commandOf(press('٣', 'Digit3'), false)).toEqual({ do: 'digit', digit: '3' });
  });

  it.each([
    ['control and n is the window’s', press('n', 'KeyN', { ctrlKey: true })],
    ['control, shift and z', press('Z', 'KeyZ', { ctrlKey: true, shiftKey: true })],
    ['an unknown letter', press('x', 'KeyX')],
    ['tab', press('Tab', 'Tab')],
    ['alt and a digit', press('3', 'Digit3', { altKey: true })],
  ])('%s is left alone', (_, key) => {
    expect(commandOf(key, false)).toBeNull();
  });

  it('left and right follow the reading direction', () => {
    expect(stepMove('ArrowLeft', 'rtl')).toBe(1);
    expect(stepMove('ArrowLeft', 'ltr')).toBe(-1);
    expect(stepMove('ArrowRight', 'rtl')).toBe(-1);
    expect(stepMove('ArrowUp', 'ltr')).toBeNull();
  });

  it('fields take keys, buttons do not', () => {
    expect(takesText({ tagName: 'TEXTAREA' })).toBe(true);
    expect(takesText({ tagName: 'INPUT', type: 'search' })).toBe(true);
    expect(takesText({ tagName: 'INPUT', type: 'checkbox' })).toBe(false);
    expect(takesText({ tagName: 'BUTTON' })).toBe(false);
  });
});
