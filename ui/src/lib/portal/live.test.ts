import { describe, expect, it, vi } from 'vitest';

import { Hub, Live, mutate } from '$lib/portal/live.svelte';

/** A list on a server, and a page that shows it. */
function shown(hub = new Hub()) {
  const rows = { value: ['a'] };
  const load = vi.fn(() => Promise.resolve([...rows.value]));
  const live = new Live(hub, ['centres'], load);
  return { hub, rows, load, live };
}

describe('a change', () => {
  it('is read again by whoever shows its topic, and by nobody else', async () => {
    const { hub, load, live } = shown();
    const leave = live.use();
    await vi.waitFor(() => expect(live.data).toEqual(['a']));
    hub.changed('agencies', 'people');
    expect(load).toHaveBeenCalledTimes(1);
    hub.changed('people', 'centres');
    expect(load).toHaveBeenCalledTimes(2);
    hub.changed('everything');
    expect(load).toHaveBeenCalledTimes(3);
    leave();
    hub.changed('centres');
    expect(load).toHaveBeenCalledTimes(3);
  });

  it('is shown at once, and what the server made of it is read afterwards', async () => {
    const { hub, rows, live } = shown();
    live.use();
    await vi.waitFor(() => expect(live.data).toEqual(['a']));
    const sent = mutate(hub, {
      topics: ['centres'],
      show: () => live.show((data) => [...data, 'b']),
      send: () => {
        rows.value = ['a', 'B'];
        return Promise.resolve('done');
      },
    });
    expect(live.data).toEqual(['a', 'b']);
    expect(await sent).toBe('done');
    await vi.waitFor(() => expect(live.data).toEqual(['a', 'B']));
  });

  it('is taken back when it is refused, and the reason is told', async () => {
    const { hub, load, live } = shown();
    live.use();
    await vi.waitFor(() => expect(live.data).toEqual(['a']));
    const sent = mutate(hub, {
      topics: ['centres'],
      show: () => live.show(() => ['b']),
      send: () => Promise.reject(new Error('refused')),
    });
    await expect(sent).rejects.toThrow('refused');
    expect(live.data).toEqual(['a']);
    expect(load).toHaveBeenCalledTimes(1);
  });

  it('that is taken back leaves what was read meanwhile', async () => {
    const { live, rows } = shown();
    live.use();
    await vi.waitFor(() => expect(live.data).toEqual(['a']));
    const takeBack = live.show(() => ['b']);
    rows.value = ['c'];
    await live.refresh();
    takeBack();
    expect(live.data).toEqual(['c']);
  });
});
