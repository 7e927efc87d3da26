import { PLAIN_CSV } from '../../files/csv.ts';
import type { ExportFormat } from '../../files/export-format.ts';
import type { ExportedFile } from '../../files/row-export.ts';
import type { Collection } from '../../lists/collect.ts';
import { type Judgement, judgementOf } from '../../lists/fit.ts';
import type { Exclusion } from '../../lists/selecting/exclusion.ts';
import type { Excluded } from '../../lists/selecting/exclusions.ts';
import { ranksOf } from '../../lists/selecting/ranks.ts';
import { OpenFunnelError } from '../../openfunnel/errors.ts';
import type { AskedFor } from '../../results/collection.ts';
import type { Ranks } from '../../sql/columns.ts';
import type { Services, ToolCall } from './define-tool.ts';
import { leaveOut } from './exclude.ts';

/** What was made of a list: the file, whom it leaves out, how it is judged, and how many companies are new to the user. */
export interface Written {
  file: ExportedFile | null;
  excluded: Excluded | null;
  judgement: Judgement | null;
  netNew: number | null;
  /** Companies left out that are named at the most. */
  named: number;
  asked: AskedFor;
  /** What the balance tells of what a failed job cost. */
  charged: string;
  notices: string[];
}

/** The file that is wanted of a list. */
interface WantedFile {
  /** Undefined where none is to be written; whom it would leave out is told all the same. */
  format: ExportFormat | undefined;
  exclusions: readonly Exclusion[];
  ranks: Ranks | null;
}

/** Adds to `written` how a collected list is judged, and the file of it; what fails of that is a notice, not an error. */
export async function judgeAndWrite(
  wanted: WantedFile,
  collection: Collection,
  services: Services,
  call: ToolCall,
  written: Written,
): Promise<void> {
  const unlessFailed = async (what: string, work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof OpenFunnelError)) throw error;
      written.notices.push(`${what}: ${error.message}`);
    }
  };
  await unlessFailed('How much of the list fits could not be told', async () => {
    written.judgement = await judgementIn(collection, services, call);
  });
  await unlessFailed('The export failed', () => write(wanted, collection, services, call, written));
}

/** How a whole list is judged; null where nobody has begun to. */
async function judgementIn(
  { list }: Collection,
  services: Services,
  call: ToolCall,
): Promise<Judgement | null> {
  if (list === null || !list.about.whole || (await services.marks.version(list.about.job_id)) === null)
    return null;
  return judgementOf(services, list, call);
}

async function write(
  { format, exclusions, ranks }: WantedFile,
  { list, complete }: Collection,
  services: Services,
  call: ToolCall,
  written: Written,
): Promise<void> {
  if (list === null || (format === undefined && exclusions.length === 0)) return;
  if (!complete) {
    if (format !== undefined && list.state.results_final)
      written.notices.push(
        'Nothing was exported, because the list is not complete; export_bulk_results with allow_partial: true writes what can be read.',
      );
    return;
  }
  if (ranks !== null) written.notices.push(`The file has ${ranksOf(ranks, [list])}.`);
  const left = await leaveOut(services, [list], exclusions, { ...call, ranks });
  written.excluded = left?.excluded ?? null;
  written.netNew = left?.excluded.net_new ?? written.netNew;
  written.notices.push(...(left?.notices ?? []));
  if (format === undefined) return;
  const request = { lists: [list], format, csv: PLAIN_CSV, ranks, excluded: written.excluded };
  written.file = (await services.exporter.write(request, call)).file;
}
