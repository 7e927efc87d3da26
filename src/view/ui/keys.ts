import type { Verdict } from '../contract.ts';
import { hasPage } from '../state/list.ts';
import type { State } from '../state/model.ts';
import type { ViewEvent } from '../state/update.ts';

const VERDICT_KEYS: Readonly<Record<string, Verdict>> = { k: 'keep', d: 'drop', m: 'maybe' };

/** Keys for companies that have their ranks for good. */
const RANKED = new Set(['Home', 'End', ' ', 'Enter']);

/** What a key asks for: an event, or something of the page's own. */
export type KeyWish =
  | ViewEvent
  | { is: 'focus search' }
  | { is: 'copy domain'; row: number }
  | { is: 'focus heads' };

/** What a key means where the focus is; null where it is none of ours. */
export function keyWish(event: KeyboardEvent, state: State): KeyWish | null {
  const { target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return null;
  const field = target instanceof HTMLInputElement && target.type !== 'checkbox';
  if (field || target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement) return null;
  const { status } = state;
  // A failed job's companies can only be read.
  if (!status || (status.terminal && !status.final) || !(target instanceof Element)) return null;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (key === 'u') return { is: 'undo' };
  return state.place.mode === 'decide' ? decideWish(key, target, state) : listWish(event, key, target, state);
}

function decideWish(key: string, target: Element, state: State): KeyWish | null {
  const [row] = state.upcoming;
  const pressed = target instanceof HTMLButtonElement || target instanceof HTMLAnchorElement;
  if (key === 'Escape') return { is: 'list' };
  if (row === undefined) return null;
  const verdict = VERDICT_KEYS[key];
  if (verdict) return { is: 'mark', rows: [row], verdict, go: true };
  if (key === 's' || (key === 'ArrowRight' && !pressed)) return { is: 'skip' };
  if (key === 'c') return { is: 'copy domain', row };
  // Where a button has the focus, the key is the button's.
  if (key === 'Enter' && !pressed) return { is: 'about' };
  return null;
}

function listWish(event: KeyboardEvent, key: string, target: Element, state: State): KeyWish | null {
  const { selected, place, page } = state;
  const inside = target.closest('tbody') !== null;
  const free = target === document.body;
  const row = place.current;
  const verdict = VERDICT_KEYS[key];
  if (verdict) {
    if (selected.size > 0) return { is: 'mark', rows: [...selected], verdict, go: true };
    return inside && row !== null ? { is: 'mark', rows: [row], verdict, go: true } : null;
  }
  if (key === '/') return { is: 'focus search' };
  if (key === 'Escape' && selected.size > 0) return { is: 'select page', on: false };
  const onHead = target.closest('thead') !== null;
  if (onHead)
    return key === 'ArrowDown' || key === 'n' ? { is: 'step', by: 1, extend: false } : headWish(key, target);
  if ((!inside && !free) || row === null) return null;
  if (!state.status?.final && RANKED.has(key)) return null;
  switch (key) {
    case 'ArrowDown':
    case 'n':
      return { is: 'step', by: 1, extend: event.shiftKey && key === 'ArrowDown' };
    case 'ArrowUp':
    case 'p':
      if (inside && page?.rows[0] === row && !hasPage(state, 'previous')) return { is: 'focus heads' };
      return { is: 'step', by: -1, extend: event.shiftKey && key === 'ArrowUp' };
    case 'Home':
      return { is: 'turn', to: 'first', focus: 'first' };
    case 'End':
      return { is: 'turn', to: 'last', focus: 'last' };
    case 'c':
      return { is: 'copy domain', row };
    case 'o':
      return { is: 'expand', row };
    case ' ':
      if (inside && !target.matches('.open')) return null;
      return { is: 'select', row, on: !selected.has(row), range: event.shiftKey };
    case 'Enter':
      return !inside || target.matches('.open') ? { is: 'decide', row } : null;
    default:
      return null;
  }
}

/** Left and right move through the heads of the columns. */
function headWish(key: string, target: Element): null {
  const heads = [...(target.closest('tr')?.querySelectorAll<HTMLElement>('button, input') ?? [])];
  const at = heads.findIndex((head) => head.isSameNode(target));
  const to = key === 'ArrowRight' ? at + 1 : key === 'ArrowLeft' ? at - 1 : -1;
  heads[to]?.focus();
  return null;
}
