/** Exact numbers as they are shown: one decimal, half away from zero, as the server shows them. */

/** An integer or a fraction such as `850/11`; null where that is not what stands there. */
export function shownOf(exact: string): string | null {
  const [, whole, below = '1'] = /^(-?\d+)(?:\/([1-9]\d*))?$/.exec(exact) ?? [];
  if (whole === undefined) return null;
  const above = BigInt(whole);
  const size = above < 0n ? -above : above;
  const tenths = (size * 20n + BigInt(below)) / (2n * BigInt(below));
  const sign = above < 0n && tenths > 0n ? '-' : '';
  return `${sign}${tenths / 10n}.${tenths % 10n}`;
}
