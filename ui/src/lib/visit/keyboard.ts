/**
 * Keys of the scoring screen. Letters are read by their place on the keyboard (`code`), so that they
 * work while an Arabic layout is on; digits are read in either family.
 */
import { toLatinDigits } from '$lib/visit/decimal';

/** What a key asks for. */
export type Command =
  | { do: 'digit'; digit: string }
  | { do: 'na' }
  | { do: 'ne' }
  | { do: 'note' }
  | { do: 'attach' }
  | { do: 'undo' }
  | { do: 'next' }
  | { do: 'previous' }
  | { do: 'next_pillar' }
  | { do: 'previous_pillar' }
  | { do: 'find' }
  | { do: 'guidance' }
  | { do: 'help' };

/** The part of a KeyboardEvent that decides. */
export interface Key {
  key: string;
  code: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
}

const LETTERS: Record<string, Command> = {
  KeyN: { do: 'na' },
  KeyE: { do: 'ne' },
  KeyM: { do: 'note' },
  KeyA: { do: 'attach' },
  KeyU: { do: 'undo' },
  KeyG: { do: 'guidance' },
};
const MOVES: Record<string, Command> = {
  ArrowDown: { do: 'next' },
  ArrowUp: { do: 'previous' },
  PageDown: { do: 'next_pillar' },
  PageUp: { do: 'previous_pillar' },
};

/** The command of a key; `null` when the key is none of ours, or while the person types. */
export function commandOf(key: Key, isTyping: boolean): Command | null {
  if (isTyping) return null;
  const control = key.ctrlKey || key.metaKey;
  if (control) {
    const isUndo = key.code === 'KeyZ' && !key.shiftKey && !key.altKey;
    return isUndo ? { do: 'undo' } : null;
  }
  if (key.altKey) {
    if (key.key === 'ArrowDown') return { do: 'next_pillar' };
    return key.key === 'ArrowUp' ? { do: 'previous_pillar' } : null;
  }
  if (key.key === '?' || key.key === '؟') return { do: 'help' };
  if (key.key === '/') return { do: 'find' };
  if (key.code === 'Slash') return key.shiftKey ? { do: 'help' } : { do: 'find' };
  const digit = toLatinDigits(key.key);
  if (/^\d$/.test(digit)) return { do: 'digit', digit };
  if (key.shiftKey) return null;
  return MOVES[key.key] ?? LETTERS[key.code] ?? null;
}

/** The move inside a group of steps: -1 back, 1 on; `null` for any other key. */
export function stepMove(key: string, direction: 'rtl' | 'ltr'): -1 | 1 | null {
  const onward = direction === 'rtl' ? 'ArrowLeft' : 'ArrowRight';
  const back = direction === 'rtl' ? 'ArrowRight' : 'ArrowLeft';
  if (key === onward) return 1;
  return key === back ? -1 : null;
}

/** Whether keys belong to the element: a field takes them, a button or a radio does not. */
export function takesText(element: {
  tagName: string;
  isContentEditable?: boolean;
  type?: string;
}) {
  if (element.isContentEditable === true) return true;
  if (element.tagName === 'TEXTAREA' || element.tagName === 'SELECT') return true;
  const pressed = ['button', 'checkbox', 'radio', 'file', 'submit', 'reset'];
  return element.tagName === 'INPUT' && !pressed.includes(element.type ?? 'text');
}
