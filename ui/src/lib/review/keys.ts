/**
 * Keys of the review page. Letters are read by their place on the keyboard (`code`), so that they work
 * while an Arabic layout is on.
 */
import type { Press } from '$lib/portal/shortcuts';

export type Command =
  | 'next'
  | 'previous'
  | 'next_finding'
  | 'ask'
  | 'evidence'
  | 'zoom_in'
  | 'zoom_out'
  | 'rotate'
  | 'compare'
  | 'next_file'
  | 'previous_file'
  | 'times';

/** Each key as it is printed, with what it does: the help shows this very list. */
export const KEYS: readonly { code: string; shown: string; does: Command }[] = [
  { code: 'ArrowDown', shown: '↓', does: 'next' },
  { code: 'ArrowUp', shown: '↑', does: 'previous' },
  { code: 'KeyF', shown: 'F', does: 'next_finding' },
  { code: 'KeyQ', shown: 'Q', does: 'ask' },
  { code: 'KeyE', shown: 'E', does: 'evidence' },
  { code: 'BracketRight', shown: ']', does: 'next_file' },
  { code: 'BracketLeft', shown: '[', does: 'previous_file' },
  { code: 'KeyZ', shown: 'Z', does: 'zoom_in' },
  { code: 'KeyX', shown: 'X', does: 'zoom_out' },
  { code: 'KeyR', shown: 'R', does: 'rotate' },
  { code: 'KeyC', shown: 'C', does: 'compare' },
  { code: 'KeyT', shown: 'T', does: 'times' },
];

const TYPED_IN =
  'input, textarea, select, [contenteditable], [role="dialog"] *, [role="alertdialog"] *';

/** What a key press asks for; null when it is none of ours, or while the person types. */
export function commandOf(press: Omit<Press, 'preventDefault'>): Command | null {
  if (press.defaultPrevented || press.ctrlKey || press.altKey || press.metaKey) return null;
  const { target } = press;
  if (typeof Element !== 'undefined' && target instanceof Element && target.matches(TYPED_IN))
    return null;
  return KEYS.find(({ code }) => code === press.code)?.does ?? null;
}
