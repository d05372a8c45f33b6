// Advice on a new passphrase. The device decides what it takes; this only helps the person choose well.

/** The least the device takes (`crates/device/src/keys.rs`). */
export const MIN_CHARS = 8;
const GOOD_CHARS = 16;

export type Strength = 'empty' | 'short' | 'weak' | 'fair' | 'good';

/** Characters as people count them. */
export function charsOf(passphrase: string): number {
  return [...passphrase.normalize('NFC')].length;
}

/** One letter over and over, or a row along the keyboard or the alphabet. */
function isPattern(passphrase: string): boolean {
  const chars = [...passphrase.toLowerCase()];
  if (new Set(chars).size <= 4) return true;
  const steps = chars
    .slice(1)
    .map((char, at) => (char.codePointAt(0) ?? 0) - (chars[at]?.codePointAt(0) ?? 0));
  const same = steps.filter((step) => step === steps[0]).length;
  return same >= steps.length * 0.8;
}

export function strengthOf(passphrase: string): Strength {
  const chars = charsOf(passphrase);
  if (chars === 0) return 'empty';
  if (chars < MIN_CHARS) return 'short';
  if (isPattern(passphrase)) return 'weak';
  const words = passphrase.trim().split(/\s+/).length;
  if (chars >= GOOD_CHARS || (words >= 4 && chars >= 14)) return 'good';
  return chars >= 12 ? 'fair' : 'weak';
}
