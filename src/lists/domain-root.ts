import { parse } from 'tldts';

const OPTIONS = { allowPrivateDomains: true, detectIp: false, extractHostname: false } as const;

/**
 * The name of a domain: what stands before its public suffix ("adp" of adp.com, uk.adp.com and adp.co.uk;
 * publicsuffix.org, with the private part, so that "acme" is the root of acme.github.io). Null where the domain is itself a suffix.
 *
 * @param domain In normal form (see `normalDomain`).
 */
export function domainRoot(domain: string): string | null {
  return parse(domain, OPTIONS).domainWithoutSuffix;
}
