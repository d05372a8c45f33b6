/** The evidence of a visit, fetched once and forgotten when the visit is left. */
import { evidenceFile, type EvidenceRef } from '$lib/api/central/review';
import { viewedId } from '$lib/review/viewerWords';

export class EvidenceFiles {
  readonly #files: ReadonlyMap<string, EvidenceRef>;
  readonly #blobs = new Map<string, Promise<Blob>>();

  constructor(evidence: readonly EvidenceRef[]) {
    this.#files = new Map(evidence.map((file) => [viewedId(file), file]));
  }

  /** The bytes of a file. A failed reading is tried again the next time. */
  load = (id: string): Promise<Blob> => {
    const file = this.#files.get(id);
    if (!file) return Promise.reject(new Error(`no file ${id}`));
    const known = this.#blobs.get(file.sha256);
    if (known) return known;
    const blob = evidenceFile(file);
    this.#blobs.set(file.sha256, blob);
    blob.catch(() => this.#blobs.delete(file.sha256));
    return blob;
  };
}
