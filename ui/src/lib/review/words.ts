/** The words of the central API's texts where the screens know closed lists. */
import { kindWords } from '$lib/words';

/** A visit's kind; one that a newer server knows shows as its word. */
export const visitKindWords = (kind: string): string =>
  kind === 'unannounced' || kind === 'scheduled' ? kindWords(kind) : kind;
