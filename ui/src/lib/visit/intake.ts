/**
 * Files dropped on or pasted into the scoring screen. In a browser they come as events of the page;
 * in the window the shell tells of drops, because WebKitGTK keeps them from the page.
 */
import { thrownWords } from '$lib/errors';
import { onFileDrop, readDropped } from '$lib/host/drops';

/** What becomes of the files. */
export interface Intake {
  /** Files for a criterion; without one, for the active criterion. */
  take: (criterion: string | null, files: File[]) => void;
  /** Files hang over a criterion, or over none. */
  over: (criterion: string | null) => void;
  failed: (words: string) => void;
}

function criterionOf(element: EventTarget | Element | null): string | null {
  if (!(element instanceof Element)) return null;
  return element.closest<HTMLElement>('[data-criterion]')?.dataset.criterion ?? null;
}

/** Takes files in until the returned function is called. */
export function intake({ take, over, failed }: Intake): () => void {
  const holdsFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
  const drag = (event: DragEvent) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    over(criterionOf(event.target));
  };
  const leave = (event: DragEvent) => {
    if (event.relatedTarget === null) over(null);
  };
  const drop = (event: DragEvent) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    over(null);
    const criterion = criterionOf(event.target);
    if (criterion !== null) take(criterion, [...(event.dataTransfer?.files ?? [])]);
  };
  const paste = (event: ClipboardEvent) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    take(criterionOf(event.target), files);
  };
  const stopHost = onFileDrop((dropped) => {
    const criterion = criterionOf(document.elementFromPoint(dropped.x, dropped.y));
    over(dropped.phase === 'over' ? criterion : null);
    if (dropped.phase !== 'drop' || criterion === null) return;
    Promise.all(dropped.files.map(readDropped)).then(
      (files) => take(criterion, files),
      (thrown: unknown) => failed(thrownWords(thrown)),
    );
  });
  window.addEventListener('dragover', drag);
  window.addEventListener('dragleave', leave);
  window.addEventListener('drop', drop);
  window.addEventListener('paste', paste);
  return () => {
    stopHost();
    window.removeEventListener('dragover', drag);
    window.removeEventListener('dragleave', leave);
    window.removeEventListener('drop', drop);
    window.removeEventListener('paste', paste);
  };
}
