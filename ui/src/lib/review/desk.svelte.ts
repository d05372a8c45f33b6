/** A visit under review: read once, decided once, with everything that was written kept until then. */
import {
  documentOf,
  review,
  rubricOf,
  type ReviewVisit,
  type SealedDocument,
} from '$lib/api/central/review';
import { toApiError, type ApiError } from '$lib/api/error';
import { Action } from '$lib/app/action.svelte';
import { rowsOf, type AnswerRow, type PillarRows } from '$lib/review/answers';
import { QuestionDraft, WHOLE } from '$lib/review/draft.svelte';

/** Somebody else has it: shown with the remedy, and not as a fault. */
const CONFLICTS = new Set(['review.taken', 'review.stale', 'visit.wrong_state']);

export class ReviewDesk {
  readonly visit: string;
  told = $state.raw<ReviewVisit | null>(null);
  document = $state.raw<SealedDocument | null>(null);
  pillars = $state.raw<PillarRows[]>([]);
  /** Why it could not be opened. */
  error = $state.raw<ApiError | null>(null);
  /** Why a decision was not taken, where another's came first. */
  conflict = $state.raw<ApiError | null>(null);
  draft = $state.raw<QuestionDraft | null>(null);
  activeId = $state('');
  /** Cards whose question field stands open. */
  asking = $state<Record<string, boolean>>({});
  readonly deciding = new Action();

  constructor(visit: string) {
    this.visit = visit;
  }

  get rows(): AnswerRow[] {
    return this.pillars.flatMap(({ rows }) => rows);
  }

  /** Whether the visit is decided on here. */
  get isOpen(): boolean {
    return this.told?.item.state === 'in_review' && this.told.context.taken?.is_you === true;
  }

  get questions() {
    return this.draft?.questions(this.rows.map(({ criterion }) => criterion.id)) ?? [];
  }

  /** How many critical hits await a ruling. */
  get openHits(): number {
    return this.rows.filter((row) => row.isHit && row.ruling === null).length;
  }

  /** Takes the visit up; what can no longer be taken up is shown to whoever had it. */
  async open(): Promise<void> {
    this.error = null;
    try {
      this.#take(await review.takeUp(this.visit));
    } catch (thrown) {
      const refused = toApiError(thrown);
      if (refused.code !== 'visit.wrong_state' && refused.code !== 'review.taken') {
        this.error = refused;
        return;
      }
      try {
        this.#take(await review.read(this.visit));
      } catch {
        this.error = refused;
      }
    }
  }

  async takeOver(reason: string): Promise<void> {
    this.#take(await review.takeOver(this.visit, reason));
    this.error = null;
    this.conflict = null;
  }

  #take(told: ReviewVisit): void {
    const document = documentOf(told);
    const rubric = rubricOf(told.context.rubric);
    this.told = told;
    this.document = document;
    this.pillars = rowsOf({
      rubric,
      kind: document.visit_kind,
      answers: document.answers,
      previous: told.context.previous,
      evidence: document.evidence,
      findings: told.context.findings,
      asked: told.context.asked,
      critical: told.critical,
      rulings: told.context.rulings,
    });
    this.draft = new QuestionDraft(this.visit, told.item.revision);
    this.asking = Object.fromEntries(Object.keys(this.draft.texts).map((id) => [id, true]));
    if (!this.rows.some((row) => row.criterion.id === this.activeId))
      this.activeId = this.rows[0]?.criterion.id ?? '';
  }

  question(criterion: string): string | undefined {
    if (!this.asking[criterion]) return undefined;
    return this.draft?.texts[criterion] ?? '';
  }

  ask(criterion: string, text: string | undefined): void {
    this.asking[criterion] = text !== undefined;
    this.draft?.write(criterion, text ?? '');
  }

  /** The card after the active one, or before; the ends are the ends. */
  step(by: 1 | -1): string {
    const ids = this.rows.map((row) => row.criterion.id);
    const at = ids.indexOf(this.activeId) + by;
    this.activeId = ids[Math.min(ids.length - 1, Math.max(0, at))] ?? '';
    return this.activeId;
  }

  /** The next card about which something was found, around at the end. */
  nextFinding(): string | null {
    const rows = this.rows;
    const at = rows.findIndex((row) => row.criterion.id === this.activeId);
    const after = [...rows.slice(at + 1), ...rows.slice(0, at + 1)];
    const next = after.find((row) => row.findings.length > 0 || row.isHit);
    if (!next) return null;
    this.activeId = next.criterion.id;
    return this.activeId;
  }

  async rule(criterion: string, confirmed: boolean, reason: string): Promise<void> {
    const context = this.told?.context;
    if (!context || !this.told) return;
    await review.rule(context.cycle, context.centre, criterion, confirmed, reason);
    const ruling = { criterion, confirmed, reason, at: Date.now() };
    const rulings = [...context.rulings.filter((one) => one.criterion !== criterion), ruling];
    this.#takeRulings({ ...this.told, context: { ...context, rulings } });
  }

  #takeRulings(told: ReviewVisit): void {
    this.told = told;
    const of = (id: string) => told.context.rulings.find((one) => one.criterion === id) ?? null;
    this.pillars = this.pillars.map(({ pillar, rows }) => ({
      pillar,
      rows: rows.map((row) => ({ ...row, ruling: of(row.criterion.id) })),
    }));
  }

  /** Sends the questions; true when the visit went back. */
  sendBack(): Promise<boolean> {
    return this.#decide((revision) => review.sendBack(this.visit, revision, this.questions));
  }

  validate(): Promise<boolean> {
    return this.#decide((revision) => review.validate(this.visit, revision));
  }

  async #decide(decide: (revision: number) => Promise<unknown>): Promise<boolean> {
    const revision = this.told?.item.revision;
    if (revision === undefined) return false;
    this.conflict = null;
    const isDone = await this.deciding.run(async () => {
      await decide(revision);
    });
    if (isDone) this.draft?.clear();
    else if (this.deciding.error && CONFLICTS.has(this.deciding.error.code)) {
      this.conflict = this.deciding.error;
      this.deciding.error = null;
    }
    return isDone;
  }

  /** Reads again what another's decision has changed; what was written stays. */
  async again(): Promise<void> {
    this.conflict = null;
    await this.open();
  }
}

export { WHOLE };
