// What somebody typed and the server does not have: closing the window over it is asked about first.
import { untrack } from 'svelte';

/** Counts it while it is there; for the beginning of a component. */
export function countUnsaved(on: { unsaved: number }, isTyped: () => boolean): void {
  const count = (change: number) =>
    untrack(() => {
      on.unsaved = Math.max(0, on.unsaved + change);
    });
  $effect(() => {
    if (!isTyped()) return;
    count(1);
    return () => count(-1);
  });
}
