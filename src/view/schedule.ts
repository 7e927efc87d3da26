/** Between two questions while the view can be seen, and while it can't. Milliseconds. */
const VISIBLE_MS = 2_000;
const HIDDEN_MS = 15_000;
const SLOWEST_MS = 30_000;

/** Runs `work` now and again: less often while the view is out of sight or nobody answers, never after `stop`. */
export class Schedule {
  readonly #work: () => Promise<void>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #generation = 0;
  #failures = 0;
  #onScreen = true;
  running = false;

  constructor(element: HTMLElement, work: () => Promise<void>) {
    this.#work = work;
    new IntersectionObserver((entries) => {
      this.#onScreen = entries.at(-1)?.isIntersecting ?? true;
      this.#wake();
    }).observe(element);
    document.addEventListener('visibilitychange', () => this.#wake());
  }

  /** Runs the work now, and from then on. */
  start(): void {
    this.running = true;
    this.#generation += 1;
    void this.#run(this.#generation);
  }

  stop(): void {
    this.running = false;
    this.#generation += 1;
    clearTimeout(this.#timer);
  }

  slowDown(): void {
    this.#failures += 1;
  }

  speedUp(): void {
    this.#failures = 0;
  }

  get #visible(): boolean {
    return this.#onScreen && !document.hidden;
  }

  #wake(): void {
    // Seen again: what happened meanwhile should not be waited for.
    if (this.running && this.#visible && this.#failures === 0 && this.#timer !== undefined) this.start();
  }

  async #run(generation: number): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#work();
    if (generation !== this.#generation) return;
    const usual = this.#visible ? VISIBLE_MS : HIDDEN_MS;
    const delay = Math.min(Math.max(usual, VISIBLE_MS * 2 ** this.#failures), SLOWEST_MS);
    this.#timer = setTimeout(() => void this.#run(generation), delay);
  }
}
