import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { lookupAnswer } from '../src/openfunnel/wire.ts';

export type Rows = Array<Record<string, unknown>>;

const RECORDED = recorded('openfunnel-lookalike-rows.json');
const JUDGED = recorded('openfunnel-judged.json');

/** The recorded rows, a page of 100 each; undefined where they are not at hand (a user's machine). */
export const realPages: Rows[] | undefined = existsSync(RECORDED)
  ? (JSON.parse(readFileSync(RECORDED, 'utf8')) as Array<{ rows: Rows }>).map(({ rows }) => rows)
  : undefined;

const LOOKUPS = fileURLToPath(new URL('../../shared/data/openfunnel-lookups.json', import.meta.url));
const lookups = z.array(
  z.object({
    request: z.object({
      companies: z.tuple([z.object({ domain: z.string() }), z.object({ name: z.string() })]),
    }),
    response: z.object({ results: z.array(z.unknown()) }),
  }),
);

/** The recorded look-ups by name: the name, the domain of the company that was meant, and the answer. */
export const recordedLookups = existsSync(LOOKUPS)
  ? lookups.parse(JSON.parse(readFileSync(LOOKUPS, 'utf8'))).map(({ request, response }) => ({
      name: request.companies[1].name,
      domain: request.companies[0].domain,
      answer: lookupAnswer.parse({ results: response.results.slice(1, 2) }),
    }))
  : undefined;
/** Of the same searches which rows a judge called right, in the order of rank; undefined as above. */
export const realVerdicts: Array<{ seed: string; right: boolean[] }> | undefined = existsSync(JUDGED)
  ? (JSON.parse(readFileSync(JUDGED, 'utf8')) as Array<{ seed: string; relevant: string }>).map(
      ({ seed, relevant }) => ({ seed, right: [...relevant].map((sign) => sign === '1') }),
    )
  : undefined;

function recorded(name: string): string {
  return fileURLToPath(new URL(`../../shared/data/${name}`, import.meta.url));
}
