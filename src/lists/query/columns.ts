/** A column as queries see it. */
export interface Column {
  name: string;
  /** Holds numbers; all others hold text. */
  number?: true;
}

/** Columns that are worked out when a job is loaded, in the order in which `NearRows` gives them. */
export const NEAR_COLUMNS: readonly Column[] = [
  { name: 'company_key' },
  { name: 'name' },
  { name: 'domain' },
  { name: 'headquarters' },
  { name: 'country' },
  { name: 'country_code' },
  { name: 'city' },
  { name: 'employees', number: true },
  { name: 'funding_stage' },
  { name: 'revenue_usd', number: true },
  { name: 'linkedin_url' },
  { name: 'linkedin_followers', number: true },
  { name: 'industries' },
];

/** The order of the columns of `companies`; those of other side tables stand behind them. */
export const COMPANY_COLUMNS: readonly string[] = [
  'job_id',
  'row',
  'company_key',
  'name',
  'domain',
  'headquarters',
  'country',
  'country_code',
  'city',
  'employees',
  'funding_stage',
  'revenue_usd',
  'linkedin_url',
  'linkedin_followers',
  'industries',
  'match_reason',
  'description',
  'tagline',
  'is_seed',
  'same_as',
  'also_in',
  'extra',
];

/** Columns of `jobs`. */
export const JOB_COLUMNS: readonly Column[] = [
  { name: 'job_id' },
  { name: 'label' },
  { name: 'submitted_at' },
  { name: 'query' },
  { name: 'seed_domains' },
  { name: 'requested_limit', number: true },
  { name: 'status' },
  { name: 'companies', number: true },
  { name: 'credits', number: true },
];
