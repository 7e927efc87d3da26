import type { Selection } from '../contract.ts';
import { MOST_EARLY } from './early.ts';
import { ORDERS } from './look.ts';
import { BEGINNING, NOTHING_CHOSEN, type Place, VERDICTS } from './model.ts';

// The user's place as one text, which the server keeps without looking into it.

/** The text to keep. */
export function sessionOf(place: Place): string {
  return JSON.stringify(place);
}

/**
 * The place to begin at.
 *
 * @param session What was kept; anything that is none counts for nothing.
 * @param called Words and ranks that the call came with: one with others than the place was made under begins anew.
 */
export function placeOf(session: string | null, called: Pick<Place, 'filter' | 'ranks'>): Place {
  const { filter, ranks } = called;
  const begin: Place = {
    ...BEGINNING,
    filter,
    ranks,
    selection: { ...NOTHING_CHOSEN, search: filter, ranks },
  };
  if (session === null) return begin;
  let kept: Record<string, unknown>;
  try {
    kept = objectOf(JSON.parse(session));
  } catch {
    return begin;
  }
  const other = (filter !== '' && kept.filter !== filter) || (ranks !== '' && kept.ranks !== ranks);
  if (other) return { ...begin, early: earlyOf(kept.early) };
  const chosen = objectOf(kept.selection);
  const texts = (value: unknown) =>
    Array.isArray(value) ? value.filter((each) => typeof each === 'string').slice(0, 300) : [];
  const selection: Selection = {
    search: typeof chosen.search === 'string' ? chosen.search.slice(0, 200) : '',
    countries: texts(chosen.countries),
    sizes: texts(chosen.sizes),
    stages: texts(chosen.stages),
    verdicts: texts(chosen.verdicts).filter((each) => ['open', 'keep', 'maybe', 'drop'].includes(each)),
    known: (['new', 'known', 'maybe'] as const).find((each) => each === chosen.known) ?? '',
    ranks: typeof chosen.ranks === 'string' ? chosen.ranks.slice(0, 200) : '',
    by: chosen.by === 'model' ? 'model' : '',
    duplicates: chosen.duplicates === true,
  };
  const row = (value: unknown) => (typeof value === 'number' && value >= 1 ? Math.trunc(value) : null);
  return {
    mode: kept.mode === 'decide' ? 'decide' : 'list',
    selection,
    sort: ORDERS.find(({ sort }) => sort === kept.sort)?.sort ?? 'row',
    descending: kept.descending === true,
    spread: kept.spread === true,
    top: row(kept.top),
    current: row(kept.current),
    filter,
    ranks,
    early: earlyOf(kept.early),
  };
}

/** Verdicts on companies, as they were kept. */
function earlyOf(kept: unknown): Place['early'] {
  return (Array.isArray(kept) ? kept : []).slice(0, MOST_EARLY).flatMap((each: unknown) => {
    const [key, said] = Array.isArray(each) ? each : [];
    const verdict = VERDICTS.find((one) => one === said);
    return typeof key === 'string' && key !== '' && verdict ? [[key, verdict] as const] : [];
  });
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
