import { oneLine } from '../../src/lib/text.ts';

/** A progress notification's facts, as the SDK hands them over. */
export interface Step {
  progress: number;
  total?: number | undefined;
  message?: string | undefined;
}

/** The part of a terminal that the bar needs. */
export interface Screen {
  isTTY?: boolean | undefined;
  columns?: number | undefined;
  write(text: string): unknown;
}

const BAR_WIDTH = 30;
const CLEAR_LINE = '\r\u001b[2K';

/** One line that is redrawn in place on a terminal; elsewhere a plain line per step. */
export class ProgressBar {
  readonly #screen: Screen;
  readonly #startedAt = Date.now();
  #lastMessage = '';
  #drawn = false;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  /** Shows a step. Off a terminal a step that says the same as the one before is left out. */
  show(step: Step): void {
    const message = oneLine(step.message ?? `step ${step.progress}`, 100);
    if (this.#screen.isTTY !== true) {
      if (message !== this.#lastMessage) this.#screen.write(`  … ${message}\n`);
      this.#lastMessage = message;
      return;
    }
    const seconds = Math.round((Date.now() - this.#startedAt) / 1000);
    const line = `  ${bar(step)} ${message} (${seconds} s)`;
    // A line that wraps could not be cleared any more.
    this.#screen.write(CLEAR_LINE + line.slice(0, Math.max(1, (this.#screen.columns ?? 80) - 1)));
    this.#drawn = true;
  }

  /** Takes the bar off the screen, so that other lines can be written. */
  clear(): void {
    if (this.#drawn) this.#screen.write(CLEAR_LINE);
    this.#drawn = false;
  }
}

function bar({ progress, total }: Step): string {
  if (total === undefined || total <= 0) return `[${'·'.repeat(BAR_WIDTH)}]     `;
  const part = Math.min(1, Math.max(0, progress / total));
  const filled = Math.round(part * BAR_WIDTH);
  const percent = `${Math.floor(part * 100)}%`.padStart(4);
  return `[${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)}]${percent}`;
}
