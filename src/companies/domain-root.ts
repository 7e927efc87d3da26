import { getPublicSuffix, parse } from 'tldts';
import { setOf } from '../lib/text.ts';

const OPTIONS = {
  allowPrivateDomains: true,
  detectIp: false,
  extractHostname: false,
  validateHostname: false,
} as const;

/** Sites under which others have names of their own, and that the public list does not have (yet). */
const MORE = setOf(
  'business.site negocio.site wordpress.com weebly.com weeblysite.com godaddysites.com squarespace.com jimdosite.com ' +
    'jimdofree.com mystrikingly.com strikingly.com zohosites.com ueniweb.com site123.me tilda.ws webnode.com webnode.page ' +
    'company.site canva.site super.site softr.app glideapp.io bandcamp.com itch.io bigcartel.com storenvy.com hs-sites.com ' +
    'over-blog.com livejournal.com tistory.com fc2.com tumblr.com medium.com substack.com teamtailor.com bamboohr.com ' +
    'recruitee.com myworkdayjobs.com app.link page.link onelink.me hubspotpagebuilder.com kajabi.com mykajabi.com teachable.com thinkific.com gumroad.com taplink.cc msha.ke milkshake.app durable.co',
);

/** What stands before a domain's public suffix, and both together; null for a suffix, and for a site of others' names. */
function partsOf(domain: string): { root: string | null; registered: string | null } {
  const { domain: registered, domainWithoutSuffix, subdomain } = parse(domain, OPTIONS);
  if (registered === null || !MORE.has(registered)) return { root: domainWithoutSuffix || null, registered };
  const root = subdomain?.split('.').at(-1) || null;
  return { root, registered: root && `${root}.${registered}` };
}

/** The name of a domain: "adp" of uk.adp.com, "acme" of acme.github.io. @param domain In normal form, as of all below. */
export const domainRoot = (domain: string): string | null => partsOf(domain).root;

/** The domain that was registered: "adp.com" of uk.adp.com. */
export const registeredDomain = (domain: string): string | null => partsOf(domain).registered;

/** Whether a domain ends in a suffix of the public list, and not in any word. */
export function hasKnownSuffix(domain: string): boolean {
  const { isIcann, isPrivate } = parse(domain, OPTIONS);
  return isIcann === true || isPrivate === true;
}

/** Whether a domain is a suffix of the public list, under which nobody has a site at the domain itself. */
export function isPublicSuffix(domain: string): boolean {
  return getPublicSuffix(domain, OPTIONS) === domain;
}

/** Whether a domain is part of a site, of its own company or of one under which others have names: "blog.acme.com", "acme.github.io". */
export function isPartOfSite(domain: string): boolean {
  return parse(domain, { ...OPTIONS, allowPrivateDomains: false }).domain !== domain;
}
