/** Marks of appeals and actions. */
import type { MarkTone } from '$components/shared/StateMark.svelte';
import type { IconName } from '$components/shared/icons';
import { fmt } from '$lib/i18n.svelte';
import { dueOf } from '$lib/replies/due';
import { actionStateWords, appealStateWords, rulingWords } from '$lib/replies/words';
import { m } from '$paraglide/messages';

/** A mark: its words, its tone and its shape. */
export interface Mark {
  label: string;
  tone: MarkTone;
  icon: IconName;
}

/** Where an appeal stands; once ruled on, what the ruling is. */
export function appealMark(appeal: {
  state: string;
  ruling?: { ruling: string } | null | undefined;
}): Mark {
  const ruling = appeal.ruling?.ruling;
  if (ruling !== undefined) {
    return {
      label: rulingWords(ruling),
      tone: ruling === 'refused' ? 'neutral' : 'ok',
      icon: ruling === 'refused' ? 'close' : ruling === 'partly' ? 'half' : 'check',
    };
  }
  const label = appealStateWords(appeal.state);
  if (appeal.state === 'withdrawn') return { label, tone: 'neutral', icon: 'undo' };
  return { label, tone: 'info', icon: appeal.state === 'filed' ? 'clock' : 'balance' };
}

export function actionMark(state: string): Mark {
  const label = actionStateWords(state);
  if (state === 'done') return { label, tone: 'ok', icon: 'check' };
  if (state === 'in_progress') return { label, tone: 'info', icon: 'half' };
  return { label, tone: 'neutral', icon: 'circle' };
}

/** How near its day an action is; null where there is nothing to say. */
export function dueMark(daysLeft: number | null | undefined): Mark | null {
  const due = dueOf(daysLeft);
  const count = Math.abs(daysLeft ?? 0);
  const input = { count, shown: fmt().number(count) };
  switch (due) {
    case 'late':
      return { label: m.centre_action_late(input), tone: 'danger', icon: 'warn' };
    case 'today':
      return { label: m.centre_action_due_today(), tone: 'warn', icon: 'clock' };
    case 'soon':
      return { label: m.centre_action_soon(input), tone: 'warn', icon: 'clock' };
    case null:
      return null;
  }
}
