/** The words of the evidence viewer, and evidence as the viewer takes it. */
import type { EvidenceRef } from '$lib/api/central/review';
import { thrownWords } from '$lib/errors';
import { isolated } from '$lib/format';
import { fmt } from '$lib/i18n.svelte';
import { evidenceWord } from '$lib/visit/words';
import { m } from '$paraglide/messages';

export function viewerWords() {
  return {
    name: m.review_viewer_name(),
    previous: m.review_viewer_previous(),
    next: m.review_viewer_next(),
    zoomIn: m.review_viewer_zoom_in(),
    zoomOut: m.review_viewer_zoom_out(),
    rotate: m.review_viewer_rotate(),
    reset: m.review_viewer_reset(),
    compare: m.review_viewer_compare(),
    compareEnd: m.review_viewer_compare_end(),
    loading: m.app_loading(),
    none: m.review_viewer_none(),
    otherType: (type: string) => m.review_viewer_other_type({ type }),
    failure: thrownWords,
    place: (at: number, of: number) =>
      m.review_viewer_place({ at: fmt().number(at), of: fmt().number(of) }),
  };
}

/** A file's name: what it shows, and the criterion it is for. */
export const fileLabel = (file: EvidenceRef): string =>
  m.review_file({ kind: evidenceWord(file.kind), criterion: isolated(file.criterion) });

/** One for each file: the same bytes may be for several criteria. */
export function viewedFiles(evidence: readonly EvidenceRef[]) {
  return evidence.map((file) => ({
    id: `${file.criterion}/${file.sha256}`,
    label: fileLabel(file),
    mediaType: file.media_type,
  }));
}

export const viewedId = (file: EvidenceRef): string => `${file.criterion}/${file.sha256}`;
