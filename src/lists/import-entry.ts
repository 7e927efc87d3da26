import { restoreCell } from '../files/csv.ts';
import { profileHost } from '../lib/profile-hosts.ts';
import { oneLine } from '../lib/text.ts';
import type { KnownEntry } from '../store/known-lists.ts';
import { isFreemail } from './freemail.ts';
import { linkedinSlug, normalDomain } from './identity.ts';
import type { ColumnRole } from './import-columns.ts';
import { nameKey } from './names.ts';

/** Why a row says of no company which one it is. */
export type Unusable = 'empty' | 'freemail' | 'no_company';

const MAX_NAME = 200;
/** Sites whose pages about companies stand in website columns; only addresses like these are looked at closely. */
const MAYBE_PROFILE =
  /(?:^|[/.])(?:linkedin|facebook|fb|instagram|twitter|x|youtube|tiktok|pinterest|crunchbase|github|medium|wikipedia|g2|google|apple|goo|linktr|yelp|glassdoor|angel|wellfound|amazon|etsy|medium|substack)\.[a-z]/i;

/** What a row says, by what its cells were taken for; or why that is nothing. */
export function entryOf(cells: Readonly<Partial<Record<ColumnRole, string>>>): KnownEntry | Unusable {
  const { website = '', linkedin = '', name = '', email = '' } = cells;
  const site = cells.domain?.trim() || website.trim();
  // A profile on another company's site says nothing about the company's own.
  const onSite = site === '' || isProfile(site) ? null : normalDomain(site);
  const onWebsite = onSite === null && website !== '' && !isProfile(website) ? normalDomain(website) : null;
  const at = email.lastIndexOf('@');
  const mail = at > 0 ? normalDomain(email.slice(at + 1).replace(/[>\s;,].*$/, '')) : null;
  const free = mail !== null && isFreemail(mail);
  const domain = onSite ?? onWebsite ?? (free ? null : mail);
  const slug = linkedinSlug(linkedin) ?? (site === '' ? null : linkedinSlug(site)) ?? linkedinSlug(website);
  const named = name === '' ? '' : oneLine(restoreCell(name), MAX_NAME);
  if (domain !== null || slug !== null || nameKey(named) !== '') return [domain, slug, named || null];
  if (free) return 'freemail';
  return [site, website, linkedin, name, email].every((cell) => cell.trim() === '') ? 'empty' : 'no_company';
}

/** What one text says: a LinkedIn page, an e-mail address, a domain or URL, else a name. */
export function entryOfText(text: string): KnownEntry | Unusable {
  const trimmed = text.trim();
  if (/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(trimmed)) return entryOf({ email: trimmed });
  if (linkedinSlug(trimmed) !== null) return entryOf({ linkedin: trimmed });
  if (normalDomain(trimmed) !== null) return entryOf({ domain: trimmed });
  return entryOf({ name: trimmed });
}

function isProfile(site: string): boolean {
  if (!MAYBE_PROFILE.test(site)) return false;
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(site) ? site : `https://${site}`;
  return URL.canParse(url) && profileHost(new URL(url)) !== null;
}
