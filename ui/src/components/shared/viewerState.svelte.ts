/** What a file viewer shows: one file or two side by side, each zoomed and turned by itself. */

export interface ViewedFile {
  id: string;
  label: string;
  mediaType: string;
}

export interface View {
  /** 1 fits the pane. */
  zoom: number;
  /** In degrees, clockwise. */
  turned: number;
  /** How far the picture was moved, in pixels. */
  x: number;
  y: number;
}

const FITTING: View = { zoom: 1, turned: 0, x: 0, y: 0 };
const STEP = 1.5;
const MOST = 8;

export class ViewerState {
  files = $state.raw<readonly ViewedFile[]>([]);
  /** The file of each pane; the second pane is there while two are compared. */
  shown = $state.raw<readonly string[]>([]);
  /** The pane that commands go to. */
  active = $state(0);
  #views = $state<Record<string, View>>({});

  /** Other files came; what is shown stays where it still is one of them. */
  take(files: readonly ViewedFile[]): void {
    this.files = files;
    const kept = this.shown.filter((id) => files.some((file) => file.id === id));
    this.shown = kept.length > 0 ? kept : files.slice(0, 1).map((file) => file.id);
    this.active = Math.min(this.active, Math.max(0, this.shown.length - 1));
  }

  file(pane: number): ViewedFile | undefined {
    return this.files.find((file) => file.id === this.shown[pane]);
  }

  view(pane: number): View {
    return this.#views[this.shown[pane] ?? ''] ?? FITTING;
  }

  #change(pane: number, change: (view: View) => Partial<View>): void {
    const id = this.shown[pane];
    if (id === undefined) return;
    const view = this.view(pane);
    this.#views[id] = { ...view, ...change(view) };
  }

  show(id: string, pane = this.active): void {
    if (!this.files.some((file) => file.id === id)) return;
    if (this.shown.length === 0) this.shown = [id];
    else this.shown = this.shown.map((one, at) => (at === pane ? id : one));
  }

  /** The next file of the active pane, or the one before; around at the ends. */
  step(by: 1 | -1): void {
    const at = this.files.findIndex((file) => file.id === this.shown[this.active]);
    const next = this.files[(at + by + this.files.length) % this.files.length];
    if (next) this.show(next.id);
  }

  zoom(by: 1 | -1, pane = this.active): void {
    this.#change(pane, ({ zoom, x, y }) => {
      const next = Math.min(MOST, Math.max(1, by > 0 ? zoom * STEP : zoom / STEP));
      return next === 1 ? { zoom: 1, x: 0, y: 0 } : { zoom: next, x, y };
    });
  }

  rotate(pane = this.active): void {
    this.#change(pane, ({ turned }) => ({ turned: (turned + 90) % 360 }));
  }

  move(x: number, y: number, pane = this.active): void {
    this.#change(pane, (view) => (view.zoom === 1 ? {} : { x: view.x + x, y: view.y + y }));
  }

  reset(pane = this.active): void {
    this.#change(pane, () => FITTING);
  }

  get isComparing(): boolean {
    return this.shown.length > 1;
  }

  /** Two side by side: the shown one and the next; or one again. */
  compare(): void {
    const [first] = this.shown;
    if (first === undefined) return;
    if (this.isComparing) {
      this.shown = [this.shown[this.active] ?? first];
      this.active = 0;
      return;
    }
    const at = this.files.findIndex((file) => file.id === first);
    const second = this.files[(at + 1) % this.files.length];
    if (!second || second.id === first) return;
    this.shown = [first, second.id];
    this.active = 1;
  }
}
