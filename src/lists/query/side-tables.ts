import { KNOWN_TABLE } from './known-table.ts';
import { MARKS_TABLE } from './marks-table.ts';
import type { SideTable } from './side-table.ts';

/** What joins `companies` beside what the kept rows say themselves. */
export const SIDE_TABLES: readonly SideTable[] = [MARKS_TABLE, KNOWN_TABLE];
