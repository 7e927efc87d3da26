import { setOf, withoutEnd } from '../lib/text.ts';
import { type Row, toText } from '../openfunnel/wire.ts';
import { domainRoot, hasKnownSuffix, isPublicSuffix } from './domain-root.ts';
import { isFreemail } from './freemail.ts';
import { isPlainHost, LINKEDIN, linkedinSlug, normalDomain } from './identity.ts';
import { nameKey } from './names.ts';
import { sharedHost } from './profile-hosts.ts';

/** Longest cell that is looked at, and most links that are taken from one. */
const MAX_CELL = 4_000;
const MAX_LINKS = 20;
/** Longest page of a shared host that is a key. Characters. */
const MAX_PAGE = 200;
/** What stands before the host, once or (by mistake) more often, or with a slip of the keys. */
const SCHEMES = /^(?:(?:[a-z][a-z0-9+.-]{0,20}[:;]|https?)[/\\]{2,}|https?[:;][/\\]?|[/\\]{2,})+/i;
const HAS_SCHEME = /^[a-z][a-z0-9+.-]{0,20}:\/\//i;

/** Other hosts of a site, and the one it is known by. */
const SAME_SITE: Readonly<Record<string, string>> = {
  'fb.com': 'facebook.com',
  'fb.me': 'facebook.com',
  'twitter.com': 'x.com',
  'threads.net': 'threads.com',
  'telegram.me': 't.me',
};
/** Sites where the first part of the path is the page, and what follows only a part of it. */
const ONE_PART = setOf(
  'facebook.com instagram.com x.com threads.com tiktok.com github.com gitlab.com linktr.ee about.me patreon.com t.me vk.com pinterest.com twitch.tv vimeo.com medium.com',
);
/** First parts of a path that name no page by themselves. */
const KINDS = setOf(
  'pages pg profile.php people groups p posts watch events category public share story stories reel reels channel c user i in org orgs company search hashtag explore home login l.php redirect',
);

/** Links that stand in a text, each once. */
export interface Link {
  host: string;
  /** Path and query as they stand, from the first slash on; '' for none. */
  path: string;
  mail: boolean;
}

/** The websites in a cell as people fill it: "a.com; a.io", "a.com / +49 …", `=HYPERLINK("https://a.com","A")`. */
export function linksIn(text: unknown): Link[] {
  if (typeof text !== 'string') return [];
  if (isPlainHost(text)) return [{ host: text, path: '', mail: false }];
  const words = text.slice(0, MAX_CELL).split(/[\s,;|"'<>()[\]{}\u2018-\u201f«»‹›]+/u);
  const found: Array<Link & { sure: boolean }> = [];
  let others = 0;
  for (const word of words) {
    if (word === '' || word === '/' || word === '-' || word === '=HYPERLINK') continue;
    const link = linkOf(word);
    if (link === null) others += 1;
    else if (found.length < MAX_LINKS) found.push(link);
  }
  // In a sentence only what ends as a domain does is one, not every word with a dot in it.
  return found.filter(({ host, sure }) => others === 0 || sure || hasKnownSuffix(host));
}

function linkOf(word: string): (Link & { sure: boolean }) | null {
  const sure = HAS_SCHEME.test(word) || /^www\./i.test(word);
  const rest = word.replace(SCHEMES, '').replace(/^mailto:/i, '');
  const end = /[/?#\\]/.exec(rest)?.index ?? rest.length;
  const authority = rest.slice(0, end);
  const at = authority.lastIndexOf('@');
  const host = normalDomain(withoutEnd(authority.slice(at + 1), /[.:]/));
  if (host === null) return null;
  const mail = at > 0 && !HAS_SCHEME.test(word);
  return { host, path: mail ? '' : rest.slice(end), mail, sure };
}

/**
 * The key of the company whose website a link is; null where it says of no company which one it is. The company that
 * owns a shared site is told by its `name`, and so is one without a name.
 */
export function keyOfLink({ host, path, mail }: Link, name: string | null): string | null {
  if (mail && isFreemail(host)) return null;
  const slug = host.endsWith('linkedin.com') ? linkedinSlug(`${host}${path}`) : null;
  if (slug !== null) return LINKEDIN + slug;
  const nobodys = domainRoot(host) === null;
  const shared = nobodys ? (path.length > 1 ? 'page' : 'home') : sharedHost(host, path)?.part;
  if (shared === undefined || shared === 'named' || mail) return host;
  return shared === 'home' ? ownersKey(host, name) : pageKey(host, path);
}

function ownersKey(host: string, name: string | null): string | null {
  const called = nameKey(name);
  if (called === '') return isPublicSuffix(host) ? null : host;
  const label = (domainRoot(host) ?? host.split('.')[0] ?? '').replaceAll('-', '');
  return called === label || called === host.replaceAll(/[.-]/g, '') ? host : null;
}

/** The page of a shared site as a key: "facebook.com/acme". Null for pages that are no company's. */
function pageKey(host: string, path: string): string | null {
  const bare = host.replace(/^(?:m|mobile|touch|web|[a-z]{2}(?:-[a-z]{2})?)\.(?=[^.]+\.)/, '');
  const site = (Object.hasOwn(SAME_SITE, bare) && SAME_SITE[bare]) || bare;
  if (site === 'linkedin.com' || site === 'lnkd.in') return null;
  const [beforeHash = ''] = path.split('#', 1);
  const [plain = '', query = ''] = beforeHash.split('?', 2);
  const parts = plain
    .toLowerCase()
    .split(/[/\\]+/)
    .filter((part) => part !== '');
  const [first = ''] = parts;
  if ((ONE_PART.has(site) && first !== '' && !KINDS.has(first)) || /^@./.test(first))
    return `${site}/${first.replace(/^@/, '')}`;
  const id = new URLSearchParams(query).get('id');
  const page = parts.join('/') + (id === null ? '' : `?id=${id.toLowerCase()}`);
  return page === '' || page.length > MAX_PAGE || KINDS.has(page) ? null : `${site}/${page}`;
}

/** The keys of the LinkedIn company pages in a field. */
export function linkedinKeys(text: unknown): string[] {
  if (typeof text !== 'string' || text === '') return [];
  const only = linkedinSlug(text);
  if (only !== null && !/\S[\s,;|]+\S/.test(text)) return [LINKEDIN + only];
  return linksIn(text).flatMap(({ host, path }) => {
    const slug = linkedinSlug(`${host}${path}`);
    return slug === null ? [] : [LINKEDIN + slug];
  });
}

/** What a company is told apart by: its websites and its pages on shared sites, then its LinkedIn pages. */
export function keysOf(row: Row): string[] {
  const name = toText(row.name);
  const keys = linksIn(toText(row.domain)).flatMap((link) => keyOfLink(link, name) ?? []);
  const isPage = (key: string) => key.startsWith(LINKEDIN);
  const pages = [...keys.filter(isPage), ...linkedinKeys(toText(row.linkedin_url))];
  const slug = toText(row.linkedin_slug);
  if (pages.length === 0 && slug !== null) pages.push(...linkedinKeys(`linkedin.com/company/${slug}`));
  return [...new Set([...keys.filter((key) => !isPage(key)), ...pages])];
}
