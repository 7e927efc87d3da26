import { useMemo, useState } from 'preact/hooks';
import type { StatusAnswer } from '../contract.ts';
import { MOST_ROWS, troubleOf } from '../state/look.ts';
import { Decide } from './decide.tsx';
import { Filters } from './filters.tsx';
import { format } from './format.ts';
import { FitLine, Head, type Panels } from './head.tsx';
import { End, ExportPanel, ModelLine, Outcome, Pager, StatusLine } from './lines.tsx';
import type { ButtonProps, View } from './small.tsx';
import { Notice, Progress, Skeleton } from './states.tsx';
import { Area, More, Table } from './table.tsx';
import { plain, searchWords } from './text.ts';

/** The whole page. */
export function App(given: Omit<View, 'words'>) {
  const { host, place, status } = given.state;
  const { search } = place.selection;
  const query = status?.query ?? '';
  const words = useMemo(() => searchWords(search, query), [search, query]);
  const view = { ...given, words };
  return (
    <>
      <main class={`${host.displayMode} ${host.wide ? 'wide' : 'narrow'}`}>
        <h1 class="unseen">Companies</h1>
        <Banner {...view} />
        <Content {...view} />
      </main>
      <div role="status" class="unseen">
        {plain(given.state.said, 300)}
      </div>
    </>
  );
}

/** What is wrong with the calls, or what the server said no to. */
function Banner({ state, send }: View) {
  const { connection, warning, status } = state;
  const trouble = connection === 'denied' && !status ? '' : troubleOf(state);
  const again: ButtonProps = { label: 'Try again', onClick: () => send({ is: 'retry' }) };
  const dismiss: ButtonProps = { label: 'Dismiss', onClick: () => send({ is: 'warned', text: null }) };
  if (trouble === '' && warning === null) return null;
  return (
    <Notice
      kind="box maybe banner"
      lines={[trouble || plain(warning ?? '', 600)]}
      actions={[trouble === '' ? dismiss : again]}
    />
  );
}

function Content(view: View) {
  const { state, send, acts } = view;
  const { status, connection, refused, stopped, host } = state;
  const again = { label: 'Try again', onClick: () => send({ is: 'retry' }) };
  if (stopped === 'cancelled') {
    const lines = ['Ask for the table again when you want it.'];
    return <Notice kind="message" title="The call was cancelled" lines={lines} />;
  }
  if (refused) {
    const lines = [refused.message];
    return (
      <Notice kind="message drop" title="The table could not be opened" lines={lines} actions={[again]} />
    );
  }
  if (status) return <Job key={status.job_id} {...view} status={status} />;
  if (connection !== 'denied') return <Skeleton />;
  return (
    <Notice
      kind="message"
      title="This chat program does not let the table read companies"
      lines={[
        'Everything else works: ask in the chat for the companies, and the model can show, judge and export them.',
      ]}
      actions={[host.canMessage && { label: 'Ask in the chat', onClick: () => acts.message('go on') }, again]}
    />
  );
}

/** What the server says of the job, and what there is of it. */
function Job(view: View & { status: StatusAnswer }) {
  const { status, state } = view;
  const { terminal, final, requested, counts, title, notices = [] } = status;
  const { page, host, place } = state;
  const [panels, show] = useState<Panels>({ filters: false, export: false });
  const some = page !== null && page.rows.length > 0;
  const deciding = final && place.mode === 'decide';
  const growing = final && host.displayMode === 'fullscreen' && some && page.rows.length < MOST_ROWS;
  const of = requested === null ? '' : ` of ${format.number(requested)}`;
  const delivered = `${format.number(counts?.companies ?? 0)}${of} companies were delivered.`;
  return (
    <>
      <Notice
        kind="note"
        lines={[
          status.newest
            ? 'This is the job submitted last from this computer: the chat program named none.'
            : '',
          final && status.status === 'cancelled' ? `The job was cancelled: ${delivered}` : '',
          ...notices.map((text) => plain(text, 600)),
        ]}
      />
      {!terminal && <Progress {...view} />}
      {terminal && !final && (
        <Notice
          kind="message drop"
          title="The search failed"
          lines={[
            status.error_message ?? 'OpenFunnel gave no reason.',
            title === '' ? '' : `Search: ${title}`,
            page && !some ? 'No companies were delivered. Ask in the chat to try another search.' : '',
          ]}
        />
      )}
      {final && (
        <>
          <Head {...view} panels={panels} toggle={(name) => show({ ...panels, [name]: !panels[name] })} />
          {panels.export && <ExportPanel {...view} />}
          <Outcome {...view} />
          <ModelLine {...view} />
          <End {...view} />
          {(!deciding || panels.filters) && <Filters {...view} open={panels.filters} />}
        </>
      )}
      {deciding ? (
        <Decide {...view} />
      ) : (
        (final || some) && (
          <>
            {final && <FitLine {...view} />}
            <StatusLine {...view} />
            {final ? <Area {...view} /> : <Table {...view} />}
            {growing ? <More {...view} /> : <Pager {...view} />}
          </>
        )
      )}
      {final && <Foot status={status} keys={deciding ? DECIDE_KEYS : LIST_KEYS} />}
    </>
  );
}

const VERDICT_KEYS = { k: 'keep', d: 'drop', m: 'maybe', u: 'undo' };
const LIST_KEYS = {
  ...VERDICT_KEYS,
  'n p': 'move',
  o: 'open',
  c: 'copy domain',
  Space: 'select',
  Enter: 'one by one',
  '/': 'search',
};
const DECIDE_KEYS = { ...VERDICT_KEYS, s: 'later', Enter: 'more', c: 'copy domain', Esc: 'list' };

/** The keys, and what the list is about. */
function Foot({ status, keys }: { status: StatusAnswer; keys: Readonly<Record<string, string>> }) {
  const about = [plain(status.title, 120), format.date(status.submitted_at ?? '')];
  return (
    <div class="line foot">
      <p class="hint">
        {Object.entries(keys).map(([key, does]) => (
          <span key={key}>
            <kbd>{key}</kbd> {does}
          </span>
        ))}
      </p>
      <bdi>{about.filter((part) => part !== '').join(' · ')}</bdi>
    </div>
  );
}
