import { rewriteDialect } from './dialect.ts';
import { bareStatement, whyNoCondition, whyRefused } from './statement.ts';

/** Columns that hold text for people, which is compared and ordered as people do. */
const TEXT_COLUMNS: ReadonlySet<string> = new Set(
  'name city state headquarters country region label domain tagline description match_reason role reason'.split(
    ' ',
  ),
);

/** A statement that is ready to be run, or why it is not run. */
export type Prepared = { sql: string; bare: string; notices: readonly string[] } | { refused: string };

/** A caller's statement in the dialect of SQLite: one that only reads, whose names are names and not texts. */
export function prepareStatement(given: string): Prepared {
  const bare = bareStatement(given);
  const refused = whyRefused(bare);
  if (refused !== null) return { refused };
  const rewritten = rewriteDialect(bare, TEXT_COLUMNS);
  return 'error' in rewritten ? { refused: rewritten.error } : { ...rewritten, bare };
}

/** The same for what stands behind WHERE, with or without that word. */
export function prepareCondition(condition: string): Prepared {
  const given = condition.replace(/^\s{0,100}WHERE\b/i, '');
  const refused = whyNoCondition(given);
  if (refused !== null) return { refused };
  const rewritten = rewriteDialect(given, TEXT_COLUMNS);
  return 'error' in rewritten ? { refused: rewritten.error } : { ...rewritten, bare: given };
}
