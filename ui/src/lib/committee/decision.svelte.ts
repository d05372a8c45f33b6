// A decision on a centre while somebody writes it.
import type { Decision, Remark } from '$lib/api/central/committee';
import type { Text } from '$lib/api/types';

/** As computed, another level, or no level. */
export type Ruling = 'computed' | 'level' | 'none';
export type DecisionFault = 'ruling' | 'level' | 'reason' | 'remark' | 'version';

const NOTHING: Text = { ar: '', en: '' };
const isWhole = ({ ar, en }: Text) => ar.trim() !== '' && en.trim() !== '';
const trimmed = ({ ar, en }: Text): Text => ({ ar: ar.trim(), en: en.trim() });

export class DecisionDraft {
  ruling = $state<Ruling>('computed');
  level = $state('');
  reason = $state<Text>({ ...NOTHING });
  remarks = $state<Remark[]>([]);
  versionReason = $state<Text>({ ...NOTHING });
  readonly #begun: string;

  constructor(
    /** What is computed; some results the rules leave to the committee. */
    readonly outcome: string,
    /** What is published needs a reason for another version. */
    readonly isPublished: boolean,
    before?: { moderation?: Decision['moderation']; remarks: readonly Remark[] } | null,
  ) {
    this.remarks = (before?.remarks ?? []).map((remark) => ({
      ...remark,
      text: { ...remark.text },
    }));
    const moderation = before?.moderation;
    if (moderation) {
      this.ruling = moderation.level ? 'level' : 'none';
      this.level = moderation.level ?? '';
      this.reason = { ...moderation.reason };
    } else if (outcome === 'committee_decision') this.ruling = 'level';
    this.#begun = JSON.stringify(this.on(''));
  }

  /** Whether it is another than it began. */
  get isTyped(): boolean {
    return JSON.stringify(this.on('')) !== this.#begun;
  }

  add(criterion: string): void {
    this.remarks.push({ criterion, kind: 'improvement', text: { ...NOTHING } });
  }

  remove(at: number): void {
    this.remarks.splice(at, 1);
  }

  /** What is missing before it can be sent. */
  get faults(): DecisionFault[] {
    const isModerated = this.ruling !== 'computed';
    const found: [DecisionFault, boolean][] = [
      ['ruling', !isModerated && this.outcome === 'committee_decision'],
      ['level', this.ruling === 'level' && this.level === ''],
      ['reason', isModerated && !isWhole(this.reason)],
      ['remark', !this.remarks.every(({ text }) => isWhole(text))],
      ['version', this.isPublished && !isWhole(this.versionReason)],
    ];
    return found.flatMap(([fault, isThere]) => (isThere ? [fault] : []));
  }

  /** As the server takes it, on the numbers that were read. */
  on(scorecard: string): Decision {
    const level = this.ruling === 'level' ? this.level : null;
    return {
      scorecard_sha256: scorecard,
      moderation: this.ruling === 'computed' ? null : { level, reason: trimmed(this.reason) },
      remarks: this.remarks.map((remark) => ({
        criterion: remark.criterion,
        kind: remark.kind,
        text: trimmed(remark.text),
      })),
      version_reason: this.isPublished ? trimmed(this.versionReason) : null,
    };
  }
}
