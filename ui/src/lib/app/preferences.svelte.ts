// How the page looks and speaks, applied as it changes; kept by the device, or by the browser.
import type { Settings } from '$lib/api/types';
import { dressDocument, shownTheme } from '$lib/app/theme';
import { setLanguage } from '$lib/i18n.svelte';

export const DEFAULTS: Settings = {
  language: 'ar',
  theme: 'system',
  digits: 'latn',
  lock_after_min: 10,
};

/** Where settings are kept. */
export interface SettingsKeeper {
  settings(): Promise<Settings>;
  saveSettings(settings: Settings): Promise<unknown>;
}

export class Preferences {
  readonly #keeper: SettingsKeeper;
  settings = $state.raw<Settings>(DEFAULTS);
  #dark = $state(false);
  #contrast = $state(false);
  #writes: Promise<unknown> = Promise.resolve();

  constructor(keeper: SettingsKeeper) {
    this.#keeper = keeper;
  }

  readonly shown = $derived(
    shownTheme(this.settings.theme, { dark: this.#dark, contrast: this.#contrast }),
  );

  /** Follows the system's own preferences until the returned function is called. */
  follow(): () => void {
    const dark = window.matchMedia('(prefers-color-scheme: dark)');
    const contrast = window.matchMedia('(prefers-contrast: more)');
    const read = () => {
      this.#dark = dark.matches;
      this.#contrast = contrast.matches;
    };
    read();
    dark.addEventListener('change', read);
    contrast.addEventListener('change', read);
    return () => {
      dark.removeEventListener('change', read);
      contrast.removeEventListener('change', read);
    };
  }

  dress(root: HTMLElement): void {
    dressDocument(root, this.settings.language, this.shown);
  }

  async load(): Promise<void> {
    this.#take(await this.#keeper.settings());
  }

  /** Applied at once; a refused write puts back what the device holds. */
  async change(part: Partial<Settings>): Promise<void> {
    const before = this.settings;
    const next = { ...before, ...part };
    this.#take(next);
    const write = this.#writes.then(() => this.#keeper.saveSettings(next));
    this.#writes = write.catch(() => undefined);
    try {
      await write;
    } catch (thrown) {
      if (this.settings === next) this.#take(before);
      throw thrown;
    }
  }

  #take(settings: Settings): void {
    this.settings = settings;
    setLanguage(settings.language, settings.digits);
  }
}
