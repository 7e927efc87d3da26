import { domainToASCII } from 'node:url';
import { normalForm, withoutEnd } from '../lib/text.ts';

export const LINKEDIN = 'linkedin:';

/** Whether a key is a website of a company's own, and no page on a site of others. */
export function isSite(key: string): boolean {
  return !key.startsWith(LINKEDIN) && !key.includes('/');
}

/** Longest text that is looked at as a domain or link; a host name has 253 characters at most (RFC 1035). */
const MAX_TEXT = 2_000;
const MAX_HOST = 253;
const HOST = /^[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})*\.(?:[a-z]{2,63}|xn--[a-z0-9-]{1,59})$/;
const LINKEDIN_PAGE =
  /^(?:https?:)?(?:\/\/)?(?:[a-z0-9-]{1,63}\.){0,3}linkedin\.com\/(?:sales\/)?(?:company|company-beta|school|showcase|organization)\/([^/?#\s]{1,200})/i;

/** Whether a text is a host name in normal form as it stands, as most are. */
export function isPlainHost(text: string): boolean {
  return text.length <= MAX_HOST && !text.startsWith('www') && HOST.test(text);
}

/**
 * The host name in `text` (a domain or a URL) in ASCII, without scheme, user, `www.`, path, port and trailing dot; null
 * where there is none, such as in "n/a", an e-mail address or an IP address.
 */
export function normalDomain(text: unknown): string | null {
  if (typeof text !== 'string' || text.length > MAX_TEXT) return null;
  if (isPlainHost(text)) return text;
  const afterScheme = text.trim().replace(/^(?:[a-z][a-z0-9+.-]{0,20}:)?\/\/(?:[^/?#@]*@)?/i, '');
  const host = (/^[^/?#\\]*/.exec(afterScheme)?.[0] ?? '').replace(/:\d{0,5}$/, '');
  if (host === '' || /[\s@:,;|]/.test(host)) return null;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what is ASCII already needs no conversion
  const name = /^[\x00-\x7f]*$/.test(host) ? host : domainToASCII(host);
  let ascii = withoutEnd(name.toLowerCase(), /\./);
  while (/^www\d{0,2}\.[^.]+\./.test(ascii)) ascii = ascii.slice(ascii.indexOf('.') + 1);
  return ascii.length <= MAX_HOST && HOST.test(ascii) ? ascii : null;
}

/** The slug of the LinkedIn company page that `text` links to, lower case and decoded; null where it links to none. */
export function linkedinSlug(text: unknown): string | null {
  if (typeof text !== 'string' || text.length > MAX_TEXT) return null;
  const found = LINKEDIN_PAGE.exec(text.trim())?.[1];
  if (found === undefined) return null;
  const slug = normalForm(decoded(found), 'NFC').toLowerCase().trim();
  return slug !== '' && slug.length <= 200 && !/[/?#\s\p{C}]/u.test(slug) ? slug : null;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
