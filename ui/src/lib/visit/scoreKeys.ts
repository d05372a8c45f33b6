/** What the commands of the keyboard do on the scoring screen. */
import type { CriterionWork } from '$lib/visit/criterionWork.svelte';
import { reasonOf } from '$lib/visit/criterionWork.svelte';
import type { EvidenceDesk } from '$lib/visit/evidenceDesk.svelte';
import type { Command } from '$lib/visit/keyboard';
import { isTyped, stepForDigit } from '$lib/visit/scales';
import type { ScoreList } from '$lib/visit/scoreList.svelte';
import type { VisitWork } from '$lib/visit/visitWork.svelte';

/** A control of a criterion's card, or the card itself. */
export type Place = 'card' | 'scale' | 'note' | 'reason' | 'evidence' | 'guidance';

/** What the keys need from the screen. */
export interface Screen {
  focus: (id: string, place: Place) => void;
  /** Opens the choice of files of a criterion. */
  attach: (id: string) => void;
  find: () => void;
  help: () => void;
  nothingToUndo: () => void;
  undone: (id: string) => void;
  answerFirst: () => void;
}

/** The keys of the scoring screen. */
export class ScoreKeys {
  #work: VisitWork;
  #list: ScoreList;
  #desk: EvidenceDesk;
  #screen: Screen;

  constructor(work: VisitWork, list: ScoreList, desk: EvidenceDesk, screen: Screen) {
    this.#work = work;
    this.#list = list;
    this.#desk = desk;
    this.#screen = screen;
  }

  /** Carries a command out; false when there is nothing it could mean here. */
  run(command: Command): boolean {
    switch (command.do) {
      case 'find':
        this.#screen.find();
        return true;
      case 'help':
        this.#screen.help();
        return true;
      case 'undo':
        return this.#undo();
      case 'next':
        return this.#go(() => this.#list.move(1));
      case 'previous':
        return this.#go(() => this.#list.move(-1));
      case 'next_pillar':
        return this.#go(() => this.#list.movePillar(1));
      case 'previous_pillar':
        return this.#go(() => this.#list.movePillar(-1));
      case 'digit':
      case 'na':
      case 'ne':
      case 'note':
      case 'attach':
      case 'guidance': {
        const active = this.#list.active;
        return active !== null && this.#onActive(active, command);
      }
    }
  }

  /** Opens the reason for "not applicable" or "not evaluated". */
  openReason(one: CriterionWork, kind: 'na' | 'ne'): void {
    if (!this.#work.isOpen) return;
    one.reasonDraft = { kind, text: reasonOf(one.given, kind) ?? '' };
    this.#screen.focus(one.id, 'reason');
  }

  #onActive(active: CriterionWork, command: Command): boolean {
    switch (command.do) {
      case 'digit':
        return this.#digit(active, command.digit);
      case 'na':
      case 'ne':
        this.openReason(active, command.do);
        return true;
      case 'note':
        if (active.isAnswered) this.#screen.focus(active.id, 'note');
        else this.#screen.answerFirst();
        return true;
      case 'attach':
        if (active.criterion.evidence.kinds.length === 0) this.#desk.refuse();
        else if (this.#work.isOpen) this.#screen.attach(active.id);
        return true;
      case 'guidance':
        active.isGuidanceOpen = !active.isGuidanceOpen;
        return true;
      default:
        return false;
    }
  }

  #digit(active: CriterionWork, digit: string): boolean {
    if (!this.#work.isOpen) return false;
    const { scale } = active.criterion;
    if (isTyped(scale)) {
      this.#work.typeNumber(active, digit);
      this.#screen.focus(active.id, 'scale');
      return true;
    }
    const step = stepForDigit(scale, digit);
    if (step === null) return false;
    this.#work.answer(active, { value: step.value });
    return true;
  }

  #undo(): boolean {
    const done = this.#work.undo();
    if (done === null) {
      this.#screen.nothingToUndo();
      return true;
    }
    this.#list.goTo(done.criterion);
    this.#screen.focus(done.criterion, 'card');
    this.#screen.undone(done.criterion);
    return true;
  }

  #go(move: () => void): boolean {
    move();
    const active = this.#list.active;
    if (active !== null) this.#screen.focus(active.id, 'card');
    return active !== null;
  }
}
