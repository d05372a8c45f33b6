/** Why something was not saved, by the field it is about: what stands there and what may. */
import type { ErrorBody } from '$lib/api/types';
import { errorWords } from '$lib/errors';
import { isolated } from '$lib/format';
import { m } from '$paraglide/messages';

const FIELDS: Record<string, (value: string) => string> = {
  user: (value) => m.admin_refused_user({ value }),
  number: (value) => m.admin_refused_number({ value }),
  centre: () => m.admin_refused_centre(),
  agency: () => m.admin_refused_agency(),
  to: () => m.admin_refused_to(),
  version: (value) => m.admin_refused_version({ value }),
  quorum: () => m.admin_refused_quorum(),
};

export function refusedWords(body: ErrorBody): string {
  const { field = '', value = '', allowed = '' } = body.params ?? {};
  if (body.code !== 'request.invalid') return errorWords(body);
  if (field === 'code') {
    return allowed.includes('not used')
      ? m.admin_refused_code_taken({ value: isolated(value) })
      : m.admin_refused_code({ value: isolated(value) });
  }
  return FIELDS[field]?.(isolated(value)) ?? errorWords(body);
}
