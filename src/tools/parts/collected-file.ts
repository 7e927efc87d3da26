import { PLAIN_CSV } from '../../files/csv.ts';
import type { ExportFormat } from '../../files/export-format.ts';
import type { ExportedFile } from '../../files/row-export.ts';
import type { Collection } from '../../lists/collect.ts';
import { type Judgement, judgementOf } from '../../lists/fit.ts';
import type { Exclusion } from '../../lists/selecting/exclusion.ts';
import type { Excluded } from '../../lists/selecting/exclusions.ts';
import { OpenFunnelError } from '../../openfunnel/errors.ts';
import type { Ranks } from '../../sql/columns.ts';
import type { Services, ToolCall } from './define-tool.ts';
import { leaveOut } from './exclude.ts';

/** What was made of a list. */
export interface Made {
  file: ExportedFile | null;
  excluded: Excluded | null;
  judgement: Judgement | null;
  notices: string[];
}

/** The file that is wanted of a list. */
interface WantedFile {
  /** Where none is to be written, whom it would leave out is told all the same. */
  format: ExportFormat | 'none';
  exclusions: readonly Exclusion[];
  ranks: Ranks | null;
}

/** How a collected list is judged, and the file of it; what fails of that is a notice, not an error. */
export async function makeOf(
  collection: Collection,
  wanted: WantedFile,
  services: Services,
  call: ToolCall,
): Promise<Made> {
  const made: Made = { file: null, excluded: null, judgement: null, notices: [] };
  const { list } = collection;
  if (list === null) return made;
  const unlessFailed = async (what: string, work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof OpenFunnelError)) throw error;
      made.notices.push(`${what}: ${error.message}`);
    }
  };
  await unlessFailed('How much of the list fits could not be told', async () => {
    const isJudged = list.about.whole && (await services.marks.version(list.about.job_id)) !== null;
    if (isJudged) made.judgement = await judgementOf(services, list, call);
  });
  await unlessFailed('The export failed', () => write(wanted, collection, services, call, made));
  return made;
}

async function write(
  { format, exclusions, ranks }: WantedFile,
  { list, complete }: Collection,
  services: Services,
  call: ToolCall,
  made: Made,
): Promise<void> {
  if (list === null || (format === 'none' && exclusions.length === 0)) return;
  if (!complete) {
    if (format !== 'none' && list.state.results_final)
      made.notices.push(
        'Nothing was exported, because the list is not complete; export_bulk_results with allow_partial: true writes what can be read.',
      );
    return;
  }
  const { excluded, notices } = await leaveOut(services, [list], exclusions, ranks, call);
  made.excluded = excluded;
  made.notices.push(...notices);
  if (format === 'none') return;
  const request = { lists: [list], format, csv: PLAIN_CSV, ranks, excluded };
  made.file = (await services.exporter.write(request, call)).file;
}
