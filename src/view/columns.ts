import type { Sort } from './data.ts';

/** The table's sortable columns, in their order; `name` is also their class, by which CSS hides some. */
export const COLUMNS: ReadonlyArray<{ sort: Sort; label: string }> = [
  { sort: 'row', label: 'Rank' },
  { sort: 'name', label: 'Company' },
  { sort: 'domain', label: 'Website' },
  { sort: 'country', label: 'Country' },
  { sort: 'employees', label: 'Employees' },
  { sort: 'funding', label: 'Funding' },
  { sort: 'reason', label: 'Why it matches' },
  { sort: 'verdict', label: 'Verdict' },
];
