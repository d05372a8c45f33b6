// The language and digits in force, and what follows from them. One place; everything reactive reads it.
import { overwriteGetLocale } from '$paraglide/runtime';

import type { Digits, Language, Text } from '$lib/api/types';
import { createFormat, type Format } from '$lib/format';

const now = $state<{ language: Language; digits: Digits }>({ language: 'ar', digits: 'latn' });

// Messages read the language through this function, so every message in a template is reactive.
overwriteGetLocale(() => now.language);

const format = $derived(createFormat(now.language, now.digits));

export function language(): Language {
  return now.language;
}

/** Numbers, dates, durations and sizes in the person's language and digits. */
export function fmt(): Format {
  return format;
}

/** The text in the person's language. */
export function text(both: Text): string {
  return both[now.language];
}

export function setLanguage(language: Language, digits: Digits): void {
  now.language = language;
  now.digits = digits;
}
