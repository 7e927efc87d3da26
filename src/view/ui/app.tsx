import { useMemo, useState } from 'preact/hooks';
import type { StatusAnswer } from '../contract.ts';
import { MOST_ROWS, waiting } from '../state/look.ts';
import type { State } from '../state/model.ts';
import { Area, More } from './area.tsx';
import { Decide } from './decide.tsx';
import { End, ExportPanel, Outcome } from './end.tsx';
import { Filters } from './filters.tsx';
import { format } from './format.ts';
import { FitLine, Head } from './head.tsx';
import { ModelLine, Pager, StatusLine, Toast } from './lines.tsx';
import { type AppProps, Button, type Props } from './small.tsx';
import { Message, Progress, Skeleton } from './states.tsx';
import { Table } from './table.tsx';
import { plain, searchWords } from './text.ts';

/** The whole page. */
export function App({ state, send, acts }: AppProps) {
  return (
    <main class={`${state.host.displayMode} ${state.host.wide ? 'wide' : 'narrow'}`}>
      <h1 class="unseen">Companies</h1>
      <Banner state={state} send={send} />
      <Content state={state} send={send} acts={acts} />
    </main>
  );
}

/** What is wrong with the calls, or what the server said no to. */
function Banner({ state, send }: Props) {
  const { connection, warning, status } = state;
  const again = <Button label="Try again" onClick={() => send({ is: 'retry' })} />;
  const count = waiting(state).length;
  const unsaved =
    count === 0 ? '' : ` ${count === 1 ? '1 change is' : `${count} changes are`} kept here and sent later.`;
  if (connection === 'lost' || connection === 'slow') {
    const what =
      connection === 'lost' ? 'Connection lost. Trying again …' : 'The chat program does not answer.';
    return (
      <div class="banner">
        <span>{`${what}${unsaved}`}</span>
        {again}
      </div>
    );
  }
  if (connection === 'denied' && status) {
    return (
      <div class="banner">
        <span>{`This chat program does not let the table go on: what is shown stays.${unsaved} In the chat, the model can read, judge and export the companies.`}</span>
        {again}
      </div>
    );
  }
  if (warning === null) return null;
  return (
    <div class="banner">
      <span dir="auto">{plain(warning, 600)}</span>
      <Button kind="quiet" label="Dismiss" onClick={() => send({ is: 'warned', text: null })} />
    </div>
  );
}

function Content({ state, send, acts }: AppProps) {
  const { status, connection, refused, stopped, host } = state;
  const again = { label: 'Try again', run: () => send({ is: 'retry' }) };
  if (stopped === 'cancelled') {
    return (
      <Message
        kind="info"
        title="The call was cancelled"
        lines={['Ask for the table again when you want it.']}
      />
    );
  }
  if (refused) {
    return (
      <Message kind="bad" title="The table could not be opened" lines={[refused.message]} actions={[again]} />
    );
  }
  if (!status) {
    if (connection !== 'denied') return <Skeleton />;
    const ask = { label: 'Ask in the chat', run: () => acts.message('go on') };
    return (
      <Message
        kind="info"
        title="This chat program does not let the table read companies"
        lines={[
          'Everything else works: ask in the chat for the companies, and the model can show, judge and export them.',
        ]}
        actions={host.canMessage ? [ask, again] : [again]}
      />
    );
  }
  if (!status.terminal) return <Running state={state} send={send} acts={acts} status={status} />;
  if (!status.final) return <Failed state={state} send={send} acts={acts} status={status} />;
  return <Final state={state} send={send} acts={acts} status={status} />;
}

type WithStatus = AppProps & { status: StatusAnswer };

function useWords({ place }: State, { query }: StatusAnswer): string[] {
  const { search } = place.selection;
  return useMemo(() => searchWords(search, query), [search, query]);
}

function Running({ state, send, acts, status }: WithStatus) {
  const words = useWords(state, status);
  const { page } = state;
  return (
    <>
      <Newest status={status} />
      <Progress status={status} cancelling={state.cancelling} cancel={() => send({ is: 'cancel job' })} />
      {page && page.rows.length > 0 && (
        <>
          <div class="line status">
            <span class="now">The first companies, provisional: ranks change, verdicts stay.</span>
            <Toast state={state} send={send} />
          </div>
          <Table state={state} words={words} send={send} acts={acts} />
          <Pager state={state} send={send} />
        </>
      )}
    </>
  );
}

function Failed({ state, send, acts, status }: WithStatus) {
  const words = useWords(state, status);
  const { page } = state;
  const some = page !== null && page.rows.length > 0;
  return (
    <>
      <Message
        kind="bad"
        title="The search failed"
        lines={[
          status.error_message ?? 'OpenFunnel gave no reason.',
          status.title === '' ? '' : `Search: ${status.title}`,
          some
            ? 'What was delivered before that:'
            : page
              ? 'No companies were delivered. Ask in the chat to try another search.'
              : '',
        ]}
      />
      {some && (
        <>
          <Table state={state} words={words} send={send} acts={acts} />
          <Pager state={state} send={send} />
        </>
      )}
    </>
  );
}

function Newest({ status }: { status: StatusAnswer }) {
  if (!status.newest) return null;
  return <p class="note">This is the job submitted last from this computer: the chat program named none.</p>;
}

function Final({ state, send, acts, status }: WithStatus) {
  const [exporting, showExport] = useState(false);
  const [filtering, showFilters] = useState(false);
  const words = useWords(state, status);
  const { place, page } = state;
  const of = status.requested === null ? '' : ` of ${format.number(status.requested)}`;
  const about = [plain(status.title, 120), format.date(status.submitted_at ?? '')].filter(
    (part) => part !== '',
  );
  return (
    <>
      <Newest status={status} />
      {status.status === 'cancelled' && (
        <p class="note">
          {`The job was cancelled: ${format.number(status.counts?.companies ?? 0)}${of} companies were delivered.`}
        </p>
      )}
      {(status.notices ?? []).map((text) => (
        <p key={text} class="note" dir="auto">
          {plain(text, 600)}
        </p>
      ))}
      <Head
        state={state}
        send={send}
        acts={acts}
        exporting={exporting}
        toggleExport={() => showExport(!exporting)}
        filtering={filtering}
        toggleFilters={() => showFilters(!filtering)}
      />
      {exporting && <ExportPanel state={state} acts={acts} close={() => showExport(false)} />}
      <Outcome state={state} acts={acts} />
      <ModelLine state={state} send={send} />
      <End state={state} acts={acts} />
      {place.mode === 'decide' ? (
        <>
          {filtering && <Filters state={state} send={send} open />}
          <Decide state={state} words={words} send={send} acts={acts} />
        </>
      ) : (
        <>
          <Filters state={state} send={send} open={filtering} />
          <FitLine state={state} />
          <StatusLine state={state} send={send} />
          <Area state={state} send={send} acts={acts} words={words} />
          {state.host.displayMode === 'fullscreen' && page && page.rows.length < MOST_ROWS ? (
            <More state={state} send={send} />
          ) : (
            <Pager state={state} send={send} />
          )}
        </>
      )}
      <Foot about={about.join(' · ')} decide={place.mode === 'decide'} />
    </>
  );
}

const LIST_KEYS = [
  ['k', 'keep'],
  ['d', 'drop'],
  ['m', 'maybe'],
  ['u', 'undo'],
  ['n p', 'move'],
  ['Space', 'select'],
  ['Enter', 'one by one'],
  ['/', 'search'],
] as const;
const DECIDE_KEYS = [
  ['k', 'keep'],
  ['d', 'drop'],
  ['m', 'maybe'],
  ['u', 'undo'],
  ['s', 'later'],
  ['Enter', 'more'],
  ['c', 'copy domain'],
  ['Esc', 'list'],
] as const;

/** What the list is about, and the keys for those who see; the table's caption says them to the others. */
function Foot({ about, decide }: { about: string; decide: boolean }) {
  return (
    <div class="foot">
      <p class="hint" aria-hidden="true">
        {(decide ? DECIDE_KEYS : LIST_KEYS).map(([key, does]) => (
          <span key={key}>
            <kbd>{key}</kbd> {does}
          </span>
        ))}
      </p>
      <p class="summary">
        <bdi>{about}</bdi>
      </p>
    </div>
  );
}
