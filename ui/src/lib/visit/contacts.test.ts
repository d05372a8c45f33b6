import { describe, expect, it } from 'vitest';
import type { ContactView } from '$lib/api/types';
import {
  extent,
  isOpen,
  ordinals,
  pairedMs,
  spansOf,
  type Channel,
  type ContactMoment,
} from '$lib/visit/contacts';

function contact(
  channel: Channel,
  moments: [ContactMoment, number][],
  next: ContactMoment[] = [],
  id = 'c1',
): ContactView {
  return {
    contact: id,
    channel,
    moments: moments.map(([moment, second]) => ({ moment, at_ms: second * 1000 })),
    next,
  };
}

describe('contacts of a remote visit', () => {
  it('several holds of a call add up', () => {
    const call = contact('phone', [
      ['dialled', 0],
      ['answered', 12],
      ['held', 20],
      ['resumed', 50],
      ['held', 60],
      ['resumed', 75],
      ['ended', 100],
    ]);
    expect(spansOf(call)).toEqual([
      { what: 'answer', ms: 12_000 },
      { what: 'hold', ms: 45_000 },
      { what: 'total', ms: 100_000 },
    ]);
  });

  it('a hold that has not ended is no time yet', () => {
    const call = contact('phone', [
      ['dialled', 0],
      ['answered', 5],
      ['held', 9],
    ]);
    expect(spansOf(call).map((span) => span.what)).toEqual(['answer']);
    expect(pairedMs(call.moments, 'held', 'resumed')).toBeNull();
  });

  it('a message is counted from its sending', () => {
    const mail = contact('email', [
      ['sent', 0],
      ['acknowledged', 2],
      ['replied', 3600],
    ]);
    expect(spansOf(mail)).toEqual([
      { what: 'acknowledge', ms: 2000 },
      { what: 'reply', ms: 3_600_000 },
    ]);
  });

  it('a task on the portal', () => {
    const task = contact('portal', [
      ['started', 0],
      ['completed', 300],
    ]);
    expect(spansOf(task)).toEqual([{ what: 'task', ms: 300_000 }]);
  });

  it('is open while something may come', () => {
    expect(isOpen(contact('phone', [], ['dialled']))).toBe(true);
    expect(isOpen(contact('phone', [], []))).toBe(false);
  });

  it('each channel counts its own', () => {
    const numbers = ordinals([
      contact('phone', [], [], 'a'),
      contact('email', [], [], 'b'),
      contact('phone', [], [], 'c'),
    ]);
    expect([...numbers]).toEqual([
      ['a', 1],
      ['b', 1],
      ['c', 2],
    ]);
  });

  it('the visit runs from the first moment to the last', () => {
    const both = [contact('phone', [['dialled', 5]]), contact('email', [['sent', 2]])];
    expect(extent(both)).toEqual({ from: 2000, to: 5000 });
    expect(extent([])).toBeNull();
  });
});
