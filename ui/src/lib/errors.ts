// An error's code in the person's words: what happened, what is safe, what to do.
import { m } from '$paraglide/messages';

import { toApiError } from '$lib/api/error';
import type { ErrorBody } from '$lib/api/types';
import { fmt } from '$lib/i18n.svelte';

type Words = (params: Record<string, string>) => string;

// Only these, each by its file: all messages together would put every page's words into every page.
const files = import.meta.glob<Record<string, Words>>('../paraglide/messages/error_*.js', {
  eager: true,
});
const table: ReadonlyMap<string, Words> = new Map(
  Object.values(files).flatMap((file) => Object.entries(file)),
);

const BYTES = new Set(['bytes', 'max']);

function shown(name: string, value: string): string {
  if (!/^[0-9]+$/.test(value)) return value;
  return BYTES.has(name) ? fmt().bytes(Number(value)) : fmt().number(Number(value));
}

/** The name of a code's message: `device.wrong_key` is `error_device_wrong_key`. */
export function messageName(code: string): string {
  return `error_${code.replace('.', '_')}`;
}

/** A sentence for any error body; a code nobody wrote words for is shown as it is. */
export function errorWords(body: ErrorBody): string {
  const words = table.get(messageName(body.code));
  const params = Object.fromEntries(
    Object.entries(body.params ?? {}).map(([name, value]) => [name, shown(name, value)]),
  );
  return words ? words(params) : m.error_unknown({ code: body.code });
}

/** The same for anything that was thrown. */
export function thrownWords(thrown: unknown): string {
  return errorWords(toApiError(thrown).body);
}
