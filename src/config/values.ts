/** A value that can't be used; the message never carries it, for it may be the key in the wrong place. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Folder of files that are written and imported, in the user's home. */
export const EXPORT_FOLDER = 'openfunnel-exports';

export const DEFAULT_CONFIRM_ABOVE = 500;

export const DEFAULT_BASE_URL = 'https://api.openfunnel.dev';

/** A shorter word is not a key, and could be part of any path. Characters. */
const SHORTEST_KEY = 8;

// Placeholders of examples and templates, and what clients leave when they don't know the variable.
const PLACEHOLDER =
  /^(?:of_)?(?:\.{2,}|…|x{3,}|\*{3,})$|\$[{(]|\{\{|^<.*>$|^\[.*\]$|^%\w+%$|^\$\w+$|(?:^|[_<\s-])(?:your|change_?me|replace|insert|placeholder)(?:[_>\s-]|$)/i;

// Left by clients that don't replace variables.
const UNEXPANDED = /\$\{[^{}]*\}|^%\w+%|^\$[A-Za-z_]\w*/;
const LOOKS_LIKE_KEY = /^(?:https?:\/\/)?of_[A-Za-z0-9_-]{8,}\/?$/;

/**
 * Refuses what is no value of any setting but the key: a variable that nothing has filled in, and the key itself.
 * @throws {ConfigError} The message goes on after the variable's name, as those of all functions below.
 */
export function refuseStray(text: string, key: string): void {
  if (LOOKS_LIKE_KEY.test(text) || (key.length >= SHORTEST_KEY && text.includes(key)))
    throw new ConfigError('contains what looks like an API key, which belongs only in OPENFUNNEL_API_KEY');
  if (UNEXPANDED.test(text))
    throw new ConfigError(
      `contains a variable that your client did not replace (such as \${HOME}): write the value itself`,
    );
}

export function apiKey(text: string): string {
  const key = text.replace(/^(["'])(.*)\1$/, '$2');
  if (PLACEHOLDER.test(key))
    throw new ConfigError(
      'is a placeholder (such as of_... or $OPENFUNNEL_API_KEY), not a key: write the key itself there',
    );
  if (/^[!-~]{1,500}$/.test(key)) return key;
  throw new ConfigError(
    'contains characters that are never part of a key (it should be one word such as of_…)',
  );
}

export function baseUrl(text: string): URL {
  if (!URL.canParse(text)) throw new ConfigError('is not a URL (it starts with https://)');
  const url = new URL(text.endsWith('/') ? text : `${text}/`);
  if (url.username !== '' || url.password !== '')
    throw new ConfigError('must not contain a user name or password');
  if (url.search !== '' || url.hash !== '') throw new ConfigError('must not contain a query or fragment');
  const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol === 'https:' || (url.protocol === 'http:' && loopback)) return url;
  throw new ConfigError('must be https (plain http only for a loopback host)');
}

export function flag(text: string): boolean {
  if (/^(1|true|yes|on)$/i.test(text)) return true;
  if (/^(0|false|no|off)$/i.test(text)) return false;
  throw new ConfigError('must be 1 or 0');
}

export function speed(text: string): number {
  const factor = Number(text);
  if (factor > 0 && factor <= 100_000) return factor;
  throw new ConfigError('must be a number above 0');
}

export function port(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 0 && number <= 65_535) return number;
  throw new ConfigError('the port must be 0 to 65535');
}

export function coreTools(text: string): boolean {
  if (/^(core|all)$/i.test(text)) return text.toLowerCase() === 'core';
  throw new ConfigError('must be core or all');
}

/** A number of credits, or null for `off`. */
export function credits(text: string): number | null {
  if (text.toLowerCase() === 'off') return null;
  // Some clients write a number of their settings page with a fraction.
  if (/^\d{1,9}(\.0+)?$/.test(text)) return Number(text);
  throw new ConfigError('must be a whole number of credits or off');
}

/**
 * The URL of a proxy, in plain HTTP without a scheme. @param ours Whether its variable is meant for HTTP; else '' is
 * returned for what is no such proxy.
 */
export function proxyUrl(text: string, ours: boolean): string {
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return url;
  // ALL_PROXY often names a SOCKS proxy that is meant for other programs.
  if (!ours) return '';
  throw new ConfigError(
    "must be the http:// or https:// URL of a proxy (a SOCKS proxy can't be used; name one that speaks HTTP, or remove the variable)",
  );
}
