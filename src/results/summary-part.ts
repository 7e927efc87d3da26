import * as z from 'zod';
import { quoted, tableCell } from '../lib/text.ts';
import type { Overlap, Overlaps } from '../lists/selecting/overlaps.ts';
import type { Summary, ValueCount } from '../lists/summary.ts';
import { type Part, part } from './answer.ts';

const countsOf = (what: string) => z.array(z.object({ value: z.string(), count: z.number() })).describe(what);

/** The field of a result that a summary is in. */
export const summaryField = z
  .object({
    companies: z.number().describe('Rows read.'),
    distinct: z.number().describe('Companies, each once.'),
    unique_domains: z.number().describe('Domains, each once.'),
    duplicate_domains: z.number().describe('Rows whose domain an earlier row has.'),
    without_domain: z.number().describe('Rows without a domain.'),
    without_website: z.number().describe('Companies, each once, without any website.'),
    top_countries: countsOf('Headquarters countries, commonest first.'),
    employee_sizes: countsOf('Sizes, in order.'),
    funding_stages: countsOf('Funding stages, commonest first.'),
    top_industries: countsOf('Industries, commonest first.'),
    counts_are: z.string().describe('What the counts count.'),
    country_by_size: z
      .object({
        sizes: z.array(z.string()).describe('Employees.'),
        countries: z.array(
          z.object({
            country: z.string().describe('Country.'),
            counts: z.array(z.number()).describe('By size, in the order of sizes.'),
          }),
        ),
      })
      .describe('Companies, each once, by country and size.'),
    also_in: z
      .array(
        z.object({
          job_id: z.string().describe('The other job.'),
          label: z.string().nullable().describe('Its label.'),
          companies: z.number().describe('Companies, each once, that it has too.'),
        }),
      )
      .describe('Other kept lists with companies of this one, the most first.'),
    lists_sharing: z.number().describe('Kept lists with any; also_in has the first of them.'),
    lists_compared: z.number().describe('Kept lists compared with.'),
    lists_not_compared: z.number().describe('Kept lists not compared with.'),
  })
  .nullable()
  .describe(
    'What the companies read are like, of a part only where complete is false; null until the job has ended.',
  );

/** Other lists named one by one that have companies of this one. */
const MAX_OVERLAPS = 8;

/** A summary of companies, in both halves. */
export function summaryPart(summary: Summary, overlaps: Overlaps | null): Part {
  const { companies, distinct, unique_domains, duplicate_domains, without_domain, without_website } = summary;
  const { sizes, countries } = summary.country_by_size;
  const also_in = (overlaps?.with ?? []).slice(0, MAX_OVERLAPS);
  const kept = { also_in, ...overlapCounts(overlaps) };
  return part(
    { summary: { ...summary, counts_are: 'rows, duplicates included', ...kept } },
    `Companies: ${distinct}, each once, in ${companies} rows (${unique_domains} unique domains, ${duplicate_domains} duplicates, ${without_domain} without domain); ${without_website} companies have no website. Counts are rows, duplicates included`,
    `Countries: ${counts(summary.top_countries)}`,
    `Employees: ${counts(summary.employee_sizes, true)}`,
    `Funding: ${counts(summary.funding_stages)}`,
    `Industries: ${counts(summary.top_industries)}`,
    ...(countries.length === 0 ? [] : [`Companies, each once, by country and size: |${sizes.join('|')}`]),
    ...countries.map(({ country, counts: line }) => `${tableCell(country, 40)}|${line.join('|')}`),
    overlapWords(kept),
  );
}

function overlapCounts(overlaps: Overlaps | null) {
  const { with: found = [], compared = 0, not_compared = 0 } = overlaps ?? {};
  return { lists_sharing: found.length, lists_compared: compared, lists_not_compared: not_compared };
}

function overlapWords({
  also_in,
  lists_sharing,
  lists_compared,
  lists_not_compared,
}: ReturnType<typeof overlapCounts> & { also_in: Overlap[] }): string {
  const named = also_in.map(
    ({ job_id, label, companies }) =>
      `${companies} in ${label === null ? job_id : `${quoted(label, 60)} (${job_id})`}`,
  );
  const more = lists_sharing - also_in.length;
  if (more > 0) named.push(`fewer in each of ${more} others`);
  const left = lists_not_compared > 0 ? `; ${lists_not_compared} lists were NOT compared` : '';
  return `Also in the ${lists_compared} other kept lists: ${named.join(', ') || 'none'}${left}`;
}

function counts(values: readonly ValueCount[], ours = false): string {
  return (
    values
      .map(({ value, count }) => `${ours || value === 'unknown' ? value : quoted(value, 80)} ${count}`)
      .join(', ') || 'none'
  );
}
