import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { hasPage } from '../state/list.ts';
import { isFiltered } from '../state/look.ts';
import { NOTHING_CHOSEN } from '../state/model.ts';
import { Button, type LitProps, type Props } from './small.tsx';
import { Message, Skeleton } from './states.tsx';
import { Table } from './table.tsx';

/** The table, or why there is none; as high as it was while filters leave less. */
export function Area({ state, send, acts, words }: LitProps) {
  const { page, pageRefused, place, busy } = state;
  const area = useRef<HTMLDivElement>(null);
  const height = useRef(0);
  const filtered = isFiltered(place.selection);
  useLayoutEffect(() => {
    // The chat must not jump while somebody types.
    if (!filtered && area.current && page && page.rows.length > 0) height.current = area.current.offsetHeight;
  });
  const keep = filtered && height.current > 0 ? { minHeight: `${Math.min(height.current, 700)}px` } : {};
  return (
    <div class="area" ref={area} style={keep} aria-busy={busy}>
      {pageRefused !== null ? (
        <Message
          kind="bad"
          title="The companies could not be read"
          lines={[pageRefused]}
          actions={[{ label: 'Try again', run: () => send({ is: 'retry' }) }]}
        />
      ) : !page ? (
        <Skeleton bare />
      ) : page.rows.length > 0 ? (
        <Table state={state} words={words} send={send} acts={acts} />
      ) : filtered ? (
        <Message
          kind="info"
          title="No company matches these filters"
          actions={[
            {
              label: 'Clear filters',
              run: () =>
                send({
                  is: 'filter',
                  part: { ...NOTHING_CHOSEN, duplicates: place.selection.duplicates },
                }),
            },
          ]}
        />
      ) : (
        <Message
          kind="info"
          title="This job delivered no companies"
          lines={['A wider search may: fewer filters, or other seeds.']}
        />
      )}
    </div>
  );
}

/** The end of a page that grows: when it is seen, more companies are read. */
export function More({ state, send }: Props) {
  const end = useRef<HTMLDivElement>(null);
  const more = hasPage(state, 'next');
  const rows = state.page?.rows.length ?? 0;
  useEffect(() => {
    const element = end.current;
    if (!element || !more || rows === 0) return;
    const observer = new IntersectionObserver((entries) => {
      if (entries.some(({ isIntersecting }) => isIntersecting)) send({ is: 'turn', to: 'more', focus: null });
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [more, rows, send]);
  return (
    <div ref={end} class="more-end">
      {more && <Button label="Show more" onClick={() => send({ is: 'turn', to: 'more', focus: null })} />}
    </div>
  );
}
