/** Files on their way to a criterion: what is asked about them, and which dialog is up. */
import type { EvidenceView } from '$lib/api/types';
import type { CriterionWork } from '$lib/visit/criterionWork.svelte';
import type { VisitWork } from '$lib/visit/visitWork.svelte';

/** What the device accepts, for the choice of files; it looks at the content itself. */
export const ACCEPTED = 'image/jpeg,image/png,image/webp,application/pdf,text/plain';

/** Files whose kind the person is asked for. */
export interface Asking {
  work: CriterionWork;
  files: File[];
}

/** Taking files in, wherever they come from. */
export class EvidenceDesk {
  asking = $state.raw<Asking | null>(null);
  camera = $state.raw<CriterionWork | null>(null);
  viewing = $state.raw<{ work: CriterionWork; item: EvidenceView } | null>(null);
  removing = $state.raw<{ work: CriterionWork; item: EvidenceView } | null>(null);
  /** The criterion over which files hang. */
  over = $state<string | null>(null);

  #work: VisitWork;
  #refused: () => void;

  constructor(work: VisitWork, refused: () => void) {
    this.#work = work;
    this.#refused = refused;
  }

  /** Files for a criterion: sent at once when their kind is plain, else the person is asked. */
  offer(work: CriterionWork, files: File[]): void {
    const { kinds } = work.criterion.evidence;
    const [kind] = kinds;
    if (files.length === 0 || !this.#work.isOpen) return;
    if (kind === undefined) this.refuse();
    else if (kinds.length === 1) this.attach({ work, files }, kind);
    else this.asking = { work, files };
  }

  /** Says that the criterion takes no files. */
  refuse(): void {
    this.#refused();
  }

  /** Sends files as one kind of evidence. */
  attach({ work, files }: Asking, kind: string): void {
    for (const file of files) void this.#work.attach(work, file, kind);
  }
}
