import { describe, expect, it, vi } from 'vitest';

import { isForwarded } from '$lib/api/central/call';
import { DEFAULTS } from '$lib/app/preferences.svelte';
import { readSettings } from '$lib/portal/keeper';
import { Shortcuts } from '$lib/portal/shortcuts';

describe('kept settings', () => {
  it('are taken as far as they make sense', () => {
    expect(readSettings(null)).toEqual(DEFAULTS);
    expect(readSettings('{')).toEqual(DEFAULTS);
    expect(readSettings('7')).toEqual(DEFAULTS);
    expect(readSettings('{"language":"en","theme":"pink","lock_after_min":-1}')).toEqual({
      ...DEFAULTS,
      language: 'en',
    });
  });
});

describe('the way to the server', () => {
  it('is through a shell where the page has a name of its own', () => {
    expect(isForwarded('/')).toBe(false);
    expect(isForwarded('/portal.html')).toBe(true);
  });
});

describe('shortcuts', () => {
  const made = () => {
    const actions = { help: vi.fn(), find: vi.fn(), go: vi.fn() };
    const shortcuts = new Shortcuts(actions);
    const press = (key: string, code: string, held: object = {}) => {
      const preventDefault = vi.fn();
      shortcuts.press({
        key,
        code,
        ctrlKey: false,
        altKey: false,
        metaKey: false,
        target: null,
        defaultPrevented: false,
        preventDefault,
        ...held,
      });
      return preventDefault;
    };
    return { ...actions, press };
  };

  it('go to a page by g and its number, on any keyboard', () => {
    const { go, press } = made();
    press('ل', 'KeyG');
    expect(press('٢', 'Digit2')).toHaveBeenCalled();
    expect(go).toHaveBeenCalledExactlyOnceWith(1);
    press('3', 'Digit3');
    expect(go).toHaveBeenCalledTimes(1);
  });

  it('open the help and the search, and leave other keys alone', () => {
    const { help, find, press } = made();
    press('؟', 'Slash');
    press('/', 'Slash');
    expect(press('a', 'KeyA')).not.toHaveBeenCalled();
    press('?', 'Slash', { ctrlKey: true });
    expect(help).toHaveBeenCalledTimes(1);
    expect(find).toHaveBeenCalledTimes(1);
  });
});
