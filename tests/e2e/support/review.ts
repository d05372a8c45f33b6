// What a reviewer's routes answer, as far as tests read it.

/** A submitted visit in the queue. */
export interface ReviewItem {
  visit: string;
  state: string;
  revision: number;
  evidence_missing: number;
}

/** A visit under review, as it was sealed. */
export interface ReviewVisit {
  item: ReviewItem;
  sealed: { document: string; sha256: string };
}

/** The parts of a sealed document that tests hold against the device. */
export interface SealedDocument {
  revision: number;
  answers: { criterion: string; value?: unknown; na?: string; ne?: string; note?: string }[];
  evidence: { criterion: string; sha256: string; kind: string }[];
  times: Record<string, number>;
  contacts?: { channel: string; moments: { moment: string; at: number }[] }[];
}
