import { jsonIn } from '../../lib/json.ts';
import { listOf } from '../contract.ts';
import { type Operation, readOperation } from '../state/model.ts';
import type { HostContext } from './bridge.ts';

/** Takes on the host's colours, fonts and light or dark; what it does not say stays with our own. */
export function useTheme({ theme, styles, safeAreaInsets }: HostContext): void {
  const { style } = document.documentElement;
  // Without it, the iframe's backdrop would turn opaque in the other scheme.
  style.colorScheme = theme === 'light' || theme === 'dark' ? theme : 'light dark';
  for (const [name, value] of Object.entries(styles?.variables ?? {})) {
    if (/^--[\w-]+$/.test(name) && typeof value === 'string') style.setProperty(name, value);
  }
  for (const side of ['top', 'right', 'bottom', 'left'] as const) {
    const inset = safeAreaInsets?.[side];
    style.setProperty(`--inset-${side}`, `${typeof inset === 'number' && inset > 0 ? inset : 0}px`);
  }
  const fonts = styles?.css?.fonts;
  if (typeof fonts !== 'string') return;
  const sheet = document.getElementById('fonts') ?? document.createElement('style');
  sheet.id = 'fonts';
  sheet.textContent = fonts;
  document.head.append(sheet);
}

/** Copies a text; in sandboxed pages without the clipboard by the old command. @returns Whether that worked. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement('textarea');
    field.value = text;
    field.className = 'unseen';
    const before = document.activeElement;
    document.body.append(field);
    field.select();
    const copied = document.execCommand('copy');
    field.remove();
    if (before instanceof HTMLElement) before.focus();
    return copied;
  }
}

const KEY = (jobId: string) => `openfunnel-unsent-${jobId}`;

/** Keeps what has not been sent, for a frame that is built anew; does nothing where there is no storage. */
export function keepUnsent(before: readonly Operation[], now: readonly Operation[]): void {
  try {
    for (const job of new Set([...before, ...now].map(({ jobId }) => jobId))) {
      const operations = now.filter(({ jobId }) => jobId === job);
      if (operations.length === 0) localStorage.removeItem(KEY(job));
      else localStorage.setItem(KEY(job), JSON.stringify(operations));
    }
  } catch {
    // Storage is denied, or full.
  }
}

/** What an earlier frame could not send. Whatever else shares the storage: only what can be an operation counts. */
export function unsentBefore(jobId: string): Operation[] {
  try {
    const kept = jsonIn(localStorage.getItem(KEY(jobId)) ?? '');
    // What is marked by a selection is not made up for later: by then it may be another one.
    return listOf(readOperation)(kept).filter(
      (each) => each.id !== '' && each.jobId === jobId && (each.kind === 'mark' || each.kind === 'undo'),
    );
  } catch {
    return [];
  }
}
