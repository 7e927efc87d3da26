import { readDomains, readExport } from './contract.ts';
import { type Bridge, CallError, failureOf } from './host/bridge.ts';
import { copyText } from './host/surroundings.ts';
import { waiting } from './state/look.ts';
import type { State } from './state/model.ts';
import type { ViewEvent } from './state/update.ts';
import { format } from './ui/shown-text.ts';

/** Files of 10,000 companies take a while to write. Milliseconds. */
const EXPORT_MS = 60_000;

const UNSAVED = 'some of your verdicts are not saved yet. Try again when the connection is back.';

/** What the page can have done beside changing its state. */
export type Acts = ReturnType<typeof actsOf>;

export function actsOf(bridge: Bridge, now: () => State, send: (event: ViewEvent) => void) {
  const warn = (text: string) => send({ is: 'warned', text });

  /** Waits until the server has all verdicts. @throws {CallError} where nobody answers. */
  async function allSaved(): Promise<void> {
    while (waiting(now()).length > 0) {
      if (now().connection !== 'ok' || now().stopped !== 'no') throw new CallError(UNSAVED);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  function shown() {
    const { jobId, place } = now();
    return { job_id: jobId, ...place.order, ...place.selection };
  }

  async function copy(text: string, what: string): Promise<void> {
    if (await copyText(text)) send({ is: 'told', text: `${what} copied` });
    else warn('This chat program does not let the table copy.');
  }

  return {
    visit: (url: string) =>
      bridge
        .ask('ui/open-link', { url })
        .catch(() => warn(`This chat program opens no links. The address is ${url}`)),

    copy,

    copyDomains: async () => {
      try {
        await allSaved();
        const asked = { ...shown(), verdicts: ['keep'] };
        const found: string[] = [];
        for (let offset: number | null = 0; offset !== null; ) {
          const { domains, next_offset } = readDomains(
            await bridge.call('view_domains', { ...asked, offset }),
          );
          found.push(...domains);
          offset = next_offset;
        }
        await copy(found.join('\n'), `${format.number(found.length)} domains`);
      } catch (error) {
        warn(`Not copied: ${failureOf(error).message}`);
      }
    },

    save: async (which: 'shown' | 'keepers') => {
      const tell = (text: string, path = '', failed = false) => send({ is: 'exported', text, path, failed });
      tell('Writing the file …');
      try {
        await allSaved();
        const answer = await bridge.call('view_export', { ...shown(), which }, EXPORT_MS);
        const { export: file, notices } = readExport(answer);
        const { path, uri, rows } = file;
        const name = path.split(/[\\/]/).at(-1) ?? 'companies.csv';
        const contents = [{ type: 'resource_link', uri, name, mimeType: 'text/csv' }];
        const download = () => bridge.ask('ui/download-file', { contents });
        const saved = bridge.can('downloadFile') && (await download().catch(() => false));
        const where = saved ? `as ${name}.` : 'on this computer, the one that runs the server:';
        tell([`${format.companies(rows)} saved ${where}`, ...notices].join(' '), saved ? '' : path);
      } catch (error) {
        tell(`Not exported: ${failureOf(error).message}`, '', true);
      }
    },

    /** Says something in the chat in the user's name. */
    message: async (which: 'go on' | 'judge the rest') => {
      await allSaved().catch(() => {});
      const { jobId: id, status } = now();
      // Of the whole job, whatever filters leave.
      const { keep = 0, maybe = 0, drop = 0, companies = 0 } = status?.counts ?? {};
      const judged = `${keep} kept, ${maybe} maybe, ${drop} dropped`;
      const texts = {
        'go on':
          status === null
            ? `Show me the companies of ${id === null ? 'my newest lookalike job' : `job ${id}`} here in the chat.`
            : `I have judged the companies of job ${id}: ${judged} of ${companies}. What do you suggest next?`,
        'judge the rest': `In the table of job ${id} I have judged ${keep + maybe + drop} companies: ${judged}. Please judge the others like these: look at my verdicts with query_companies, then go through get_review_batch and mark_companies until none is left, with a short reason for each. I confirm them in the table.`,
      };
      const content = [{ type: 'text', text: texts[which] }];
      try {
        await bridge.ask('ui/message', { role: 'user', content });
        send({ is: 'told', text: 'Sent to the chat' });
        if (which === 'judge the rest') send({ is: 'asked the model' });
      } catch {
        warn('The chat program did not take the message. Say it in the chat yourself.');
      }
    },

    toggleFullscreen: async () => {
      const { displayMode } = now().host;
      const wanted = displayMode === 'fullscreen' ? 'inline' : 'fullscreen';
      const asked = bridge.ask('ui/request-display-mode', { mode: wanted });
      const { mode = wanted } = await asked.catch(() => ({ mode: displayMode }));
      send({ is: 'host', host: { displayMode: String(mode) } });
    },
  };
}
