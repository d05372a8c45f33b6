// Where the portal's look and language are kept: by the browser, or by the device where one carries us.
import { DEFAULTS, type SettingsKeeper } from '$lib/app/preferences.svelte';
import type { Settings } from '$lib/api/types';

const NAME = 'mizan.portal.settings';

const WORDS = {
  language: ['ar', 'en'],
  theme: ['system', 'light', 'dark', 'contrast'],
  digits: ['latn', 'arab'],
} as const;

/** What was kept, as far as it still makes sense. */
export function readSettings(text: string | null): Settings {
  let kept: unknown;
  try {
    kept = JSON.parse(text ?? 'null');
  } catch {
    return DEFAULTS;
  }
  if (typeof kept !== 'object' || kept === null) return DEFAULTS;
  const fitting = Object.entries(WORDS).flatMap(([name, words]) => {
    const value = (kept as Record<string, unknown>)[name];
    return words.some((word) => word === value) ? [[name, value]] : [];
  });
  return { ...DEFAULTS, ...(Object.fromEntries(fitting) as Partial<Settings>) };
}

/** In this browser; one that keeps nothing forgets at the end of the visit, and that is all. */
export const browserKeeper: SettingsKeeper = {
  settings: () => {
    try {
      return Promise.resolve(readSettings(localStorage.getItem(NAME)));
    } catch {
      return Promise.resolve(DEFAULTS);
    }
  },
  saveSettings: (settings) => {
    try {
      localStorage.setItem(NAME, JSON.stringify(settings));
    } catch {
      // Storage may be forbidden or full; what is on the screen is right all the same.
    }
    return Promise.resolve();
  },
};
