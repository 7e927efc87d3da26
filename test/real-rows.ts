import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export type Rows = Array<Record<string, unknown>>;

const RECORDED = fileURLToPath(new URL('../../shared/data/openfunnel-lookalike-rows.json', import.meta.url));

/** The recorded rows, a page of 100 each; undefined where they are not at hand (a user's machine). */
export const realPages: Rows[] | undefined = existsSync(RECORDED)
  ? (JSON.parse(readFileSync(RECORDED, 'utf8')) as Array<{ rows: Rows }>).map(({ rows }) => rows)
  : undefined;
