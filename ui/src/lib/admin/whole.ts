/** A whole number between two others, in any digits; null where the text is none. */
export function wholeIn(text: string, least: number, most: number): number | null {
  const ascii = text.trim().replace(/[٠-٩]/g, (digit) => String(digit.charCodeAt(0) - 0x660));
  if (!/^\d{1,6}$/.test(ascii)) return null;
  const number = Number(ascii);
  return number >= least && number <= most ? number : null;
}
