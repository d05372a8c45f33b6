// The portal's keys: `?` for help, `/` for the page's search, `g` and a digit for a page.

export interface ShortcutActions {
  help: () => void;
  find: () => void;
  /** The page at this place of the side navigation, from 0. */
  go: (place: number) => void;
}

/** What of a key press matters here. */
export interface Press {
  key: string;
  code: string;
  ctrlKey: boolean;
  altKey: boolean;
  metaKey: boolean;
  target: EventTarget | null;
  defaultPrevented: boolean;
  preventDefault: () => void;
}

const TYPED_IN =
  'input, textarea, select, [contenteditable], [role="dialog"] *, [role="alertdialog"] *';

function isTyping(target: EventTarget | null): boolean {
  return typeof Element !== 'undefined' && target instanceof Element && target.matches(TYPED_IN);
}

export class Shortcuts {
  readonly #actions: ShortcutActions;
  #afterG = false;

  constructor(actions: ShortcutActions) {
    this.#actions = actions;
  }

  press(press: Press): void {
    const wasG = this.#afterG;
    this.#afterG = false;
    if (press.defaultPrevented || press.ctrlKey || press.altKey || press.metaKey) return;
    if (isTyping(press.target)) return;
    // By its place: the key is another letter in Arabic.
    if (press.code === 'KeyG') {
      this.#afterG = true;
      return;
    }
    const digit = /^(?:Digit|Numpad)([1-9])$/.exec(press.code)?.[1];
    if (wasG && digit !== undefined) this.#actions.go(Number(digit) - 1);
    else if (press.key === '?' || press.key === '؟') this.#actions.help();
    else if (press.key === '/') this.#actions.find();
    else return;
    press.preventDefault();
  }
}
