/** Why the committee's own requests were refused, with what to do instead. */
import { m } from '$paraglide/messages';

import type { ErrorBody } from '$lib/api/types';
import { levelWords } from '$lib/committee/words';
import { errorWords } from '$lib/errors';
import { fmt } from '$lib/i18n.svelte';

/** A level that the rubric does not have is answered with those it has; the rest as everywhere. */
export function refusalWords(body: ErrorBody): string {
  const { field = '', allowed = '' } = body.params ?? {};
  const isLevel = body.code === 'request.invalid' && /(^|\.)level$/.test(field);
  if (!isLevel || allowed === '') return errorWords(body);
  return m.committee_level_not_there({ levels: fmt().list(allowed.split(', ').map(levelWords)) });
}
