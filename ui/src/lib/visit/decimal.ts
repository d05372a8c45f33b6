/**
 * Reading a decimal as people type it: either family of digits, comma or point.
 * The result is the canonical text the device expects ("22.5"); binary fractions never come into it.
 */

/** Why a text is not a decimal of the scale. */
export type DecimalFault = 'empty' | 'not_a_number' | 'too_large' | 'too_precise';

/** A canonical decimal, or why there is none. */
export type DecimalResult = { ok: true; text: string } | { ok: false; fault: DecimalFault };

const MAX_PLACES = 4;
const MAX_WHOLE_DIGITS = 9;
const ARABIC_ZERO = 0x0660;
const PERSIAN_ZERO = 0x06f0;

/** Arabic-Indic and Persian digits as 0–9; everything else as it is. */
export function toLatinDigits(text: string): string {
  return text.replace(/[\u0660-\u0669\u06F0-\u06F9]/g, (digit) => {
    const code = digit.charCodeAt(0);
    const zero = code >= PERSIAN_ZERO ? PERSIAN_ZERO : ARABIC_ZERO;
    return String(code - zero);
  });
}

/** Reads a decimal of at least 0; `max` is the greatest value the scale takes, if it has one. */
export function parseDecimal(input: string, max: number | null = null): DecimalResult {
  const text = toLatinDigits(input)
    .replace(/[\s\u200E\u200F\u061C\u2066-\u2069]/g, '')
    .replace(/[,\u060C\u066B]/g, '.')
    .replace(/[%\u066A]$/, '');
  if (text === '') return { ok: false, fault: 'empty' };
  const found = /^(\d*)(?:\.(\d*))?$/.exec(text);
  const wholeDigits = found?.[1] ?? '';
  const places = (found?.[2] ?? '').replace(/0+$/, '');
  if (found === null || (wholeDigits === '' && (found[2] ?? '') === '')) {
    return { ok: false, fault: 'not_a_number' };
  }
  const whole = wholeDigits.replace(/^0+(?=\d)/, '') || '0';
  if (places.length > MAX_PLACES) return { ok: false, fault: 'too_precise' };
  if (whole.length > MAX_WHOLE_DIGITS) return { ok: false, fault: 'too_large' };
  const canonical = places === '' ? whole : `${whole}.${places}`;
  if (max !== null && Number(canonical) > max) return { ok: false, fault: 'too_large' };
  return { ok: true, text: canonical };
}

/** Whether two canonical decimals are the same number. */
export function sameDecimal(a: string, b: string): boolean {
  const left = parseDecimal(a);
  const right = parseDecimal(b);
  return left.ok && right.ok && left.text === right.text;
}
