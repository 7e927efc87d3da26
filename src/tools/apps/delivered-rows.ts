import type { CompanyRow } from '../../lists/selecting/fields.ts';
import { COMPANY_FACTS } from '../../lists/table/company-table.ts';
import type { Company } from '../../view/contract.ts';
import type { Services, ToolCall } from '../parts/define-tool.ts';

/** Pages that are looked through for rows of a job that is not final. */
const MOST_PAGES = 20;

/**
 * Companies of a job that is not final, as its pages have them now: of a running job the first ones, of a failed one
 * what was delivered. They can be read, and marked only when the job is final, since a running job's ranks may change.
 *
 * @returns The companies wanted, the first of rank `offset + 1`, and how many were found at least.
 */
export async function deliveredRows(
  jobId: string,
  { offset, limit }: { offset: number; limit: number },
  { states }: Pick<Services, 'states'>,
  call: Pick<ToolCall, 'signal'>,
): Promise<{ companies: CompanyRow[]; matching: number }> {
  const found: CompanyRow[] = [];
  let cursor: string | undefined;
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const { companies, next } = await states.page(jobId, cursor, call);
    found.push(...companies);
    if (next === null || companies.length === 0 || next === cursor) break;
    // One row more than is shown tells that there are more.
    if (found.length > offset + limit) break;
    cursor = next;
  }
  return { companies: found.slice(offset, offset + limit), matching: found.length };
}

/** One of these companies by its rank, with all that is told of it; null where there is none. */
export async function deliveredCompany(
  jobId: string,
  rank: number,
  services: Pick<Services, 'states'>,
  call: Pick<ToolCall, 'signal'>,
): Promise<Record<string, unknown> | null> {
  const { companies } = await deliveredRows(jobId, { offset: rank - 1, limit: 1 }, services, call);
  const [company] = companies;
  return company ? Object.fromEntries(COMPANY_FACTS.map((name) => [name, company[name] ?? null])) : null;
}

/** Such a company as a row of the table shows it; by its key it is found again when the job has ended. */
export function toCompany(company: CompanyRow, row: number): Company {
  const { country, headquarters, employees, description, tagline } = company;
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  return {
    row,
    name: text(company.name),
    domain: text(company.domain),
    country: text(country) || text(headquarters),
    employees: typeof employees === 'number' ? employees : null,
    funding_stage: text(company.funding_stage),
    match_reason: text(company.match_reason),
    says: text(description) || text(tagline),
    verdict: null,
    by: null,
    reason: '',
    is_seed: false,
    same_as: null,
    known_in: [],
    known_like: [],
    key: text(company.company_key),
  };
}
