// Words for those who listen, and short notes for those who look.

export type ToastTone = 'ok' | 'info' | 'danger';

export interface Toast {
  id: number;
  tone: ToastTone;
  text: string;
}

const STAYS_MS = 6000;

export class Announcer {
  polite = $state('');
  assertive = $state('');
  toasts = $state.raw<Toast[]>([]);
  #next = 0;

  /** Said once by a screen reader; a repeated text is said again. */
  say(text: string, urgency: 'polite' | 'assertive' = 'polite'): void {
    this[urgency] = '';
    queueMicrotask(() => {
      this[urgency] = text;
    });
  }

  /** Shown and said. Failures stay until closed; the rest leaves by itself. */
  toast(text: string, tone: ToastTone = 'ok'): void {
    const id = (this.#next += 1);
    this.toasts = [...this.toasts, { id, tone, text }];
    this.say(text, tone === 'danger' ? 'assertive' : 'polite');
    if (tone !== 'danger') setTimeout(() => this.close(id), STAYS_MS);
  }

  close(id: number): void {
    this.toasts = this.toasts.filter((toast) => toast.id !== id);
  }
}
