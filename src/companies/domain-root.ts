import { getPublicSuffix, parse } from 'tldts';

const OPTIONS = {
  allowPrivateDomains: true,
  detectIp: false,
  extractHostname: false,
  validateHostname: false,
} as const;

/** Sites under which others have names of their own, and that the public list does not have (yet). */
const MORE: ReadonlySet<string> = new Set(
  (
    'business.site negocio.site wordpress.com weebly.com weeblysite.com godaddysites.com squarespace.com jimdosite.com ' +
    'jimdofree.com mystrikingly.com strikingly.com zohosites.com ueniweb.com site123.me tilda.ws webnode.com webnode.page ' +
    'company.site canva.site super.site softr.app glideapp.io bandcamp.com itch.io bigcartel.com storenvy.com hs-sites.com ' +
    'over-blog.com livejournal.com tistory.com fc2.com tumblr.com medium.com substack.com teamtailor.com bamboohr.com ' +
    'recruitee.com myworkdayjobs.com app.link page.link onelink.me hubspotpagebuilder.com kajabi.com mykajabi.com teachable.com thinkific.com gumroad.com taplink.cc msha.ke milkshake.app durable.co'
  ).split(' '),
);

/**
 * The name of a domain: what stands before its public suffix, with the private part ("adp" of uk.adp.com, "acme" of
 * acme.github.io). Null for a suffix itself. @param domain In normal form (see `normalDomain`).
 */
export function domainRoot(domain: string): string | null {
  const { domain: registered, domainWithoutSuffix, subdomain } = parse(domain, OPTIONS);
  if (registered === null || !MORE.has(registered)) return domainWithoutSuffix || null;
  return subdomain?.split('.').at(-1) || null;
}

/** The domain that was registered: "adp.com" of uk.adp.com; null where `domain` is itself a suffix (see `domainRoot`). */
export function registeredDomain(domain: string): string | null {
  const { domain: registered, subdomain } = parse(domain, OPTIONS);
  if (registered === null || !MORE.has(registered)) return registered;
  const name = subdomain?.split('.').at(-1);
  return name ? `${name}.${registered}` : null;
}

/** Whether a domain ends in a suffix of the public list, and not in any word. */
export function hasKnownSuffix(domain: string): boolean {
  const { isIcann, isPrivate } = parse(domain, OPTIONS);
  return isIcann === true || isPrivate === true;
}

/** Whether a domain is a suffix of the public list, under which nobody has a site at the domain itself. */
export function isPublicSuffix(domain: string): boolean {
  return getPublicSuffix(domain, OPTIONS) === domain;
}

/** Whether a domain has no root (see `domainRoot`), found faster. */
export function isNobodys(domain: string): boolean {
  return isPublicSuffix(domain) || MORE.has(domain);
}

/** Whether a domain is part of a site, of its own company or of one under which others have names: "blog.acme.com", "acme.github.io". */
export function isPartOfSite(domain: string): boolean {
  return parse(domain, { ...OPTIONS, allowPrivateDomains: false }).domain !== domain;
}
