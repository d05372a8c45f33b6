// The server's data on the screen: read once, read again when something of it changed, here or elsewhere.
import type { Topic } from '$lib/api/central/types';
import { Query } from '$lib/app/query.svelte';

/** Who is to read again when a topic changed. */
export class Hub {
  #watching: readonly { topics: readonly Topic[]; changed: () => void }[] = [];

  /** Something of these topics changed: whatever shows it reads it again, and nothing else does. */
  changed(...topics: Topic[]): void {
    const concerns = (own: readonly Topic[]) =>
      topics.includes('everything') || own.some((topic) => topics.includes(topic));
    for (const one of this.#watching) if (concerns(one.topics)) one.changed();
  }

  watch(topics: readonly Topic[], changed: () => void): () => void {
    const one = { topics, changed };
    this.#watching = [...this.#watching, one];
    return () => {
      this.#watching = this.#watching.filter((other) => other !== one);
    };
  }
}

/** Data of some topics, kept fresh while a page shows it. */
export class Live<T> extends Query<T> {
  readonly #hub: Hub;
  readonly #topics: readonly Topic[];

  constructor(hub: Hub, topics: readonly Topic[], load: () => Promise<T>) {
    super(load);
    this.#hub = hub;
    this.#topics = topics;
  }

  override use(): () => void {
    const leave = super.use();
    const unwatch = this.#hub.watch(this.#topics, () => {
      this.changed();
    });
    return () => {
      unwatch();
      leave();
    };
  }

  /** Shows a change before the server has it; call the returned function to take it back. */
  show(change: (data: T) => T): () => void {
    const before = this.data;
    if (before === undefined) return () => undefined;
    const shown = change(before);
    this.data = shown;
    return () => {
      // What was read meanwhile is newer than what was there before.
      if (this.data === shown) this.data = before;
    };
  }
}

/** A change on its way: what it touches, how it looks meanwhile, and how it is sent. */
export interface Mutation<T> {
  topics: readonly Topic[];
  show?: () => () => void;
  send: () => Promise<T>;
}

/** Shows a change at once and sends it; refused, it is taken back and the reason is thrown. */
export async function mutate<T>(hub: Hub, { topics, show, send }: Mutation<T>): Promise<T> {
  const takeBack = show?.();
  try {
    const told = await send();
    hub.changed(...topics);
    return told;
  } catch (thrown) {
    takeBack?.();
    throw thrown;
  }
}
