import { useState } from 'preact/hooks';
import type { StatusAnswer } from '../contract.ts';
import { MOST_ROWS, troubleOf } from '../state/look.ts';
import { Decide } from './decide.tsx';
import { Filters } from './filters.tsx';
import { FitLine, Head, type Panels } from './head.tsx';
import { ExportOutcome, Exports, ModelLine, Pager, Progress, StatusLine } from './lines.tsx';
import { format, plainText } from './shown-text.ts';
import { Notice, retry, Skeleton, type View } from './small.tsx';
import { Area, More, Table } from './table.tsx';

/** What the server has to say of the job and its list is cut there. UTF-16 units. */
const MOST_OF_NOTICES = 400;

/** The whole page. */
export function App(view: View) {
  const { displayMode, wide } = view.state.host;
  return (
    <>
      <main class={`${displayMode} ${wide ? 'wide' : 'narrow'}`}>
        <h1 class="unseen">Companies</h1>
        <Banner {...view} />
        <Content {...view} />
      </main>
      <div role="status" class="unseen">
        {plainText(view.state.said, 300)}
      </div>
    </>
  );
}

function Banner(view: View) {
  const { connection, warning, status } = view.state;
  const trouble = connection === 'denied' && !status ? '' : troubleOf(view.state);
  if (trouble === '' && warning === null) return null;
  const dismiss = { label: 'Dismiss', onClick: () => view.send({ is: 'warned', text: null }) };
  const action = trouble === '' ? dismiss : retry(view);
  return <Notice kind="box maybe banner" lines={[trouble || (warning ?? '')]} actions={[action]} />;
}

function Content(view: View) {
  const { status, connection, refused, stopped, host } = view.state;
  const again = retry(view);
  if (stopped === 'cancelled') {
    const lines = ['Ask for the table again when you want it.'];
    return <Notice kind="message" title="The call was cancelled" lines={lines} />;
  }
  if (refused) {
    const title = 'The table could not be opened';
    return <Notice kind="message drop" title={title} lines={[refused.message]} actions={[again]} />;
  }
  if (status) return <Job key={status.job_id} {...view} status={status} />;
  if (connection !== 'denied') return <Skeleton />;
  const ask = { label: 'Ask in the chat', onClick: () => view.acts.message('go on') };
  return (
    <Notice
      kind="message"
      title="This chat program does not let the table read companies"
      lines={['Ask in the chat for the companies: the model can show, judge and export them.']}
      actions={[host.canMessage && ask, again]}
    />
  );
}

function Job(view: View & { status: StatusAnswer }) {
  const { status, state } = view;
  const { terminal, final, requested, counts, title, notices } = status;
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
          status.newest && 'This is the job submitted last from here: the chat program named none.',
          final && status.status === 'cancelled' && `The job was cancelled: ${delivered}`,
          plainText(notices.join(' '), MOST_OF_NOTICES),
        ]}
      />
      {!terminal && <Progress {...view} />}
      {terminal && !final && (
        <Notice
          kind="message drop"
          title="The search failed"
          lines={[
            status.error_message ?? 'OpenFunnel gave no reason.',
            title !== '' && `Search: ${title}`,
            page !== null && !some && 'No companies were delivered. Ask in the chat to try another search.',
          ]}
        />
      )}
      {final && (
        <>
          <Head {...view} panels={panels} toggle={(name) => show({ ...panels, [name]: !panels[name] })} />
          <Exports {...view} asked={panels.export} />
          <ExportOutcome {...view} />
          <ModelLine {...view} />
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
      {final && <Foot {...view} />}
    </>
  );
}

const KEYS = {
  list: { 'n p': 'move', o: 'open', c: 'copy domain', Space: 'select', Enter: 'one by one', '/': 'search' },
  decide: { s: 'later', Enter: 'more', c: 'copy domain', Esc: 'list' },
};

function Foot({ status, state }: { status: StatusAnswer } & View) {
  const keys = { k: 'keep', d: 'drop', m: 'maybe', u: 'undo', ...KEYS[state.place.mode] };
  const about = [plainText(status.title, 120), format.date(status.submitted_at ?? '')];
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
