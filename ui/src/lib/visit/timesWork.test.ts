import { describe, expect, it } from 'vitest';
import type { DeviceApi } from '$lib/api/device';
import { ApiError } from '$lib/api/error';
import type { VisitView } from '$lib/api/types';
import { Announcer } from '$lib/app/announcer.svelte';
import { Saving } from '$lib/app/saving.svelte';
import { rubricOf, viewOf } from '$lib/visit/testing';
import { TimesWork } from '$lib/visit/timesWork.svelte';
import { VisitWork } from '$lib/visit/visitWork.svelte';

function screen() {
  const calls: string[] = [];
  const control = { refuse: false };
  const call =
    (name: string) =>
    async (_: string, ...rest: unknown[]): Promise<VisitView> => {
      calls.push([name, ...rest].join(' '));
      if (control.refuse) throw new ApiError(507, { code: 'device.disk_full', params: {} });
      const contacts = [{ contact: 'new', channel: 'phone', moments: [], next: ['dialled'] }];
      return viewOf({ state: 'in_progress', contacts });
    };
  const api = {
    setTime: call('set'),
    clearTime: call('clear'),
    addContact: call('contact'),
    contactMoment: call('moment'),
    removeContact: call('remove'),
    removeContactMoment: call('remove-moment'),
  } as unknown as DeviceApi;
  const saving = new Saving(() => 0);
  const around = { api, saving, announcer: new Announcer(), changed: () => undefined };
  const work = new VisitWork(viewOf({ state: 'in_progress' }), rubricOf({}), around);
  return { times: new TimesWork(work, api, saving, () => 777), calls, control, saving };
}

describe('noting times', () => {
  it('a tap is now by the device’s own clock', async () => {
    const { times, calls } = screen();
    await times.tap('arrived');
    expect(calls).toEqual(['set arrived ']);
  });

  it('a tap that failed is repeated with the time at which it was made', async () => {
    const { times, calls, control, saving } = screen();
    control.refuse = true;
    await times.tap('arrived');
    expect(times.failed?.error.code).toBe('device.disk_full');
    expect(saving.unsaved).toBe(true);
    control.refuse = false;
    await times.again();
    expect(calls).toEqual(['set arrived ', 'set arrived 777']);
    expect(times.failed).toBeNull();
    expect(saving.unsaved).toBe(false);
  });

  it('a removed moment can be put back as it was', async () => {
    const { times, calls } = screen();
    await times.clear({ moment: 'called', at_ms: 5 });
    expect(times.removed?.what).toBe('moment');
    await times.putBack();
    expect(calls).toEqual(['clear called', 'set called 5']);
    expect(times.removed).toBeNull();
  });

  it('a removal that failed offers nothing to put back', async () => {
    const { times, control } = screen();
    control.refuse = true;
    await times.clear({ moment: 'called', at_ms: 5 });
    expect(times.removed).toBeNull();
  });

  it('a removed contact comes back with all its moments', async () => {
    const { times, calls } = screen();
    const moments = [
      { moment: 'dialled', at_ms: 1 },
      { moment: 'ended', at_ms: 2 },
    ];
    await times.removeContact({ contact: 'old', channel: 'phone', moments, next: [] });
    await times.putBack();
    expect(calls).toEqual([
      'remove old',
      'contact phone',
      'moment new dialled 1',
      'moment new ended 2',
    ]);
  });
});
