/**
 * Opening visits. One that is left while something of it is unsaved is kept as it is, so that coming
 * back shows what waits and nothing of it is lost.
 */
import { device } from '$lib/api/device';
import type { App } from '$lib/app/app.svelte';
import { VisitWork } from '$lib/visit/visitWork.svelte';

/** Other screens need not follow every tap. */
const TELL_AFTER_MS = 1000;

let telling: ReturnType<typeof setTimeout> | undefined;
const kept = new Map<string, VisitWork>();

/** The visit with its rubric, read from the device. */
export async function openVisit(app: App, visit: string): Promise<VisitWork> {
  const unsaved = kept.get(visit);
  kept.delete(visit);
  if (unsaved !== undefined) return unsaved;
  const view = await device.visit(visit);
  const rubric = await app.rubrics.get(view.rubric.sha256);
  return new VisitWork(view, rubric, {
    api: device,
    saving: app.saving,
    announcer: app.announcer,
    changed: () => {
      clearTimeout(telling);
      telling = setTimeout(() => app.visitChanged(), TELL_AFTER_MS);
    },
  });
}

/** Hands over what is typed; what then is still unsaved stays until the visit is opened again. */
export async function leaveVisit(app: App, work: VisitWork): Promise<void> {
  kept.set(work.id, work);
  await work.flush();
  app.visitChanged();
  if (!work.hasUnsaved() && kept.get(work.id) === work) kept.delete(work.id);
}
