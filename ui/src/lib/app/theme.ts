// The page's language, direction and colours, put on the document.
import type { Language, Theme } from '$lib/api/types';

export type Shown = 'light' | 'dark' | 'contrast';

/** What a theme looks like under the system's own preferences. */
export function shownTheme(theme: Theme, prefers: { dark: boolean; contrast: boolean }): Shown {
  if (theme !== 'system') return theme;
  if (prefers.contrast) return 'contrast';
  return prefers.dark ? 'dark' : 'light';
}

export function direction(language: Language): 'rtl' | 'ltr' {
  return language === 'ar' ? 'rtl' : 'ltr';
}

export function dressDocument(root: HTMLElement, language: Language, theme: Shown): void {
  root.lang = language;
  root.dir = direction(language);
  root.dataset.theme = theme;
}

/** WebKitGTK misplaces Arabic marks; the stylesheet cures it where it is named. */
export function shellName(
  inWindow: boolean,
  userAgent: string,
): 'webkitgtk' | 'window' | 'browser' {
  if (!inWindow) return 'browser';
  return userAgent.includes('Chrome/') ? 'window' : 'webkitgtk';
}
