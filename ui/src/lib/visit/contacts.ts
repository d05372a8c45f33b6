/** The contacts of a remote visit: how one stands and the times inside it. */
import type { ContactView, MomentView } from '$lib/api/types';

/** A way to reach a centre without going there. */
export type Channel = 'phone' | 'email' | 'chat' | 'whatsapp' | 'social' | 'portal';

/** A moment of a contact. */
export type ContactMoment =
  | 'dialled'
  | 'answered'
  | 'held'
  | 'resumed'
  | 'sent'
  | 'acknowledged'
  | 'replied'
  | 'started'
  | 'completed'
  | 'ended';

/** The channels in the order in which they are offered. */
export const CHANNELS: readonly Channel[] = [
  'phone',
  'email',
  'chat',
  'whatsapp',
  'social',
  'portal',
];

/** A named time inside a contact. */
export interface ContactSpan {
  what: 'answer' | 'hold' | 'acknowledge' | 'reply' | 'task' | 'total';
  ms: number;
}

type Pair = [ContactSpan['what'], ContactMoment, ContactMoment];

const PHONE: Pair[] = [
  ['answer', 'dialled', 'answered'],
  ['hold', 'held', 'resumed'],
  ['total', 'dialled', 'ended'],
];
const WRITTEN: Pair[] = [
  ['acknowledge', 'sent', 'acknowledged'],
  ['reply', 'sent', 'replied'],
  ['total', 'sent', 'ended'],
];
const PORTAL: Pair[] = [
  ['task', 'started', 'completed'],
  ['total', 'started', 'ended'],
];
const PAIRS: Record<string, Pair[]> = {
  phone: PHONE,
  email: WRITTEN,
  chat: WRITTEN,
  whatsapp: WRITTEN,
  social: WRITTEN,
  portal: PORTAL,
};

/** The sum of the times from each `from` to the next `to`; `null` when there is no such pair. */
export function pairedMs(
  moments: readonly MomentView[],
  from: ContactMoment,
  to: ContactMoment,
): number | null {
  let sum: number | null = null;
  let start: number | null = null;
  for (const { moment, at_ms } of moments) {
    if (moment === from) start = at_ms;
    else if (moment === to && start !== null) {
      sum = (sum ?? 0) + at_ms - start;
      start = null;
    }
  }
  return sum;
}

/** The times inside a contact that are known so far. */
export function spansOf(contact: ContactView): ContactSpan[] {
  return (PAIRS[contact.channel] ?? []).flatMap(([what, from, to]) => {
    const ms = pairedMs(contact.moments, from, to);
    return ms === null ? [] : [{ what, ms }];
  });
}

/** Whether more can be noted of a contact. */
export function isOpen(contact: ContactView): boolean {
  return contact.next.length > 0;
}

/** The number of each contact among those of its channel, from 1: people speak of "call 2". */
export function ordinals(contacts: readonly ContactView[]): Map<string, number> {
  const counts = new Map<string, number>();
  return new Map(
    contacts.map(({ contact, channel }) => {
      const number = (counts.get(channel) ?? 0) + 1;
      counts.set(channel, number);
      return [contact, number];
    }),
  );
}

/** The first and the last moment of all contacts; `null` before the first. */
export function extent(contacts: readonly ContactView[]): { from: number; to: number } | null {
  const all = contacts.flatMap((contact) => contact.moments.map((moment) => moment.at_ms));
  if (all.length === 0) return null;
  return { from: Math.min(...all), to: Math.max(...all) };
}
