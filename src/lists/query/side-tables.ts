import type { SideTable } from './side-table.ts';

/** What joins `companies` beside what the kept rows say themselves. */
export const SIDE_TABLES: readonly SideTable[] = [];
