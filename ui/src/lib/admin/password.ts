/** The fewest characters of a password; the server judges whether it would be guessed. */
const MIN_CHARS = 12;

export function isTooShort(password: string): boolean {
  return [...password].length < MIN_CHARS;
}
