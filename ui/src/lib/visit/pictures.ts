/** Evidence as addresses a picture can show: fetched once, forgotten when the visit is left. */

/** The pictures of a visit. */
export class Pictures {
  #load: (sha256: string) => Promise<Blob>;
  #blobs = new Map<string, Promise<Blob>>();
  #addresses = new Map<string, string>();

  constructor(load: (sha256: string) => Promise<Blob>) {
    this.#load = load;
  }

  /** The bytes of a file. A failed reading is tried again the next time. */
  blob(sha256: string): Promise<Blob> {
    const known = this.#blobs.get(sha256);
    if (known !== undefined) return known;
    const blob = this.#load(sha256);
    this.#blobs.set(sha256, blob);
    blob.catch(() => this.#blobs.delete(sha256));
    return blob;
  }

  /** An address of a file, good until `forget`. */
  async address(sha256: string): Promise<string> {
    const blob = await this.blob(sha256);
    const known = this.#addresses.get(sha256);
    if (known !== undefined) return known;
    const address = URL.createObjectURL(blob);
    this.#addresses.set(sha256, address);
    return address;
  }

  /** Lets go of everything: no picture of a visit outlives its screen. */
  forget(): void {
    for (const address of this.#addresses.values()) URL.revokeObjectURL(address);
    this.#addresses.clear();
    this.#blobs.clear();
  }
}
