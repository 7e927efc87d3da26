import { VERDICTS } from '../../lib/verdicts.ts';
import { hasPage } from '../state/list.ts';
import type { State } from '../state/model.ts';
import type { ViewEvent } from '../state/update.ts';
import { SIGNS } from './small.tsx';

const isModified = ({ ctrlKey, metaKey, altKey }: KeyboardEvent) => ctrlKey || metaKey || altKey;

/** What a key means where the focus is; null where it is none of ours. */
export function keyWish(event: KeyboardEvent, state: State): ViewEvent | null {
  const { target } = event;
  const { status, place } = state;
  if (isModified(event) || event.defaultPrevented || !(target instanceof Element)) return null;
  if (target.matches('input:not([type="checkbox"]), select, textarea')) return null;
  // A failed job's companies can only be read.
  if (!status || (status.terminal && !status.final)) return null;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (key === 'u') return { is: 'undo' };
  return place.mode === 'decide' ? decideWish(key, target, state) : listWish(event, key, target, state);
}

const verdictOn = (key: string) => VERDICTS.find((each) => SIGNS[each].key === key);

function decideWish(key: string, target: Element, state: State): ViewEvent | null {
  const [row] = state.upcoming;
  if (key === 'Escape') return { is: 'list' };
  if (row === undefined) return null;
  const verdict = verdictOn(key);
  if (verdict) return { is: 'mark', rows: [row], verdict, go: true };
  if (key === 's') return { is: 'skip' };
  if (key === 'c') return { is: 'copy domain', row };
  // Where a button has the focus, the key is the button's.
  if (target.matches('button, a')) return null;
  return key === 'ArrowRight' ? { is: 'skip' } : key === 'Enter' ? { is: 'expand', row } : null;
}

function listWish(event: KeyboardEvent, key: string, target: Element, state: State): ViewEvent | null {
  const { selected, place, page, status } = state;
  const row = place.current;
  const inside = target.closest('tbody') !== null;
  const free = target === document.body;
  const verdict = verdictOn(key);
  if (verdict && selected.size > 0) return { is: 'mark', rows: [...selected], verdict, go: true };
  if (key === '/') return { is: 'focus', on: 'search' };
  if (key === 'Escape') return selected.size > 0 ? { is: 'select page', on: false } : null;
  if (target.closest('thead')) {
    return key === 'ArrowDown' || key === 'n' ? { is: 'step', by: 1 } : null;
  }
  if ((!inside && !free) || row === null) return null;
  if (verdict) return inside ? { is: 'mark', rows: [row], verdict, go: true } : null;
  const atTop = inside && page?.rows[0] === row && !hasPage(state, 'previous');
  const down: ViewEvent = { is: 'step', by: 1 };
  const up: ViewEvent = atTop ? { is: 'focus', on: 'heads' } : { is: 'step', by: -1 };
  // These need companies that have their ranks for good.
  const open = status?.final && (free || target.matches('.open'));
  const wishes: Readonly<Record<string, ViewEvent | false | undefined>> = {
    ArrowDown: down,
    n: down,
    ArrowUp: up,
    p: up,
    c: { is: 'copy domain', row },
    o: { is: 'expand', row },
    ' ': open && { is: 'select', row, on: !selected.has(row), range: event.shiftKey },
    Enter: open && { is: 'decide', row },
  };
  return wishes[key] || null;
}

/** Arrow keys move among buttons that are one stop for the Tab key. */
export function rove(event: KeyboardEvent): void {
  const bar = event.currentTarget;
  if (!(bar instanceof HTMLElement) || isModified(event)) return;
  const stops = [...bar.querySelectorAll<HTMLElement>('button:enabled, input')].filter(
    ({ offsetParent }) => offsetParent !== null,
  );
  const at = stops.findIndex((stop) => stop.matches(':focus'));
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key];
  if (at < 0 || to === undefined) return;
  event.preventDefault();
  stops.at(to % stops.length)?.focus();
}
