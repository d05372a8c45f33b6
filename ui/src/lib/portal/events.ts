// What the server says has changed, as it says it. A window has no such stream; it asks again now and then.
import { session } from '$lib/api/central/session';
import type { Topic } from '$lib/api/central/types';
import type { Hub } from '$lib/portal/live.svelte';

const ADDRESS = '/api/events';
const COMES_BACK_AFTER_MS = 30_000;
const ASKS_EVERY_MS = 60_000;

/** The topics of an event; one that cannot be read is as if everything had changed. */
export function topicsOf(data: string): Topic[] {
  try {
    const { topics } = JSON.parse(data) as { topics?: unknown };
    if (Array.isArray(topics)) return topics as Topic[];
  } catch {
    // Told below.
  }
  return ['everything'];
}

function listen(hub: Hub, closed: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let source: EventSource;
  const open = () => {
    source = new EventSource(ADDRESS);
    source.onmessage = (event) => {
      hub.changed(...topicsOf(String(event.data)));
    };
    source.onerror = () => {
      // A line that broke comes back by itself; a stream that was refused does not.
      if (source.readyState !== EventSource.CLOSED) return;
      closed();
      timer = setTimeout(() => {
        hub.changed('everything');
        open();
      }, COMES_BACK_AFTER_MS);
    };
  };
  open();
  return () => {
    clearTimeout(timer);
    source.close();
  };
}

function askNowAndThen(hub: Hub): () => void {
  const ask = () => {
    if (document.visibilityState === 'visible') hub.changed('everything');
  };
  const timer = setInterval(ask, ASKS_EVERY_MS);
  window.addEventListener('focus', ask);
  return () => {
    clearInterval(timer);
    window.removeEventListener('focus', ask);
  };
}

/** Keeps what is shown fresh until the returned function is called; `closed` hears of a stream's end. */
export function followChanges(hub: Hub, closed: () => void): () => void {
  return session.namesServer() ? askNowAndThen(hub) : listen(hub, closed);
}
