/** A value that can't be used; the message names its variable in one line, and never carries the value, which may be the key in the wrong place. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

export type Environment = Readonly<Record<string, string | undefined>>;

export const DEFAULT_BASE_URL = 'https://api.openfunnel.dev';

/** A shorter word is not a key, and could be part of any path. Characters. */
const SHORTEST_KEY = 8;

// Placeholders of examples and templates, and what clients leave when they don't know the variable.
const PLACEHOLDER =
  /^(?:of_)?(?:\.{2,}|…|x{3,}|\*{3,})$|\$[{(]|\{\{|^<.*>$|^\[.*\]$|^%\w+%$|^\$\w+$|(?:^|[_<\s-])(?:your|change_?me|replace|insert|placeholder)(?:[_>\s-]|$)/i;

// Left by clients that don't replace variables.
const UNEXPANDED = /\$\{[^{}]*\}|^%\w+%|^\$[A-Za-z_]\w*/;

/** @throws {ConfigError} where the text holds a variable that nothing has filled in. */
export function expanded(name: string, value: string | undefined): string | undefined {
  const text = value?.trim();
  if (text && UNEXPANDED.test(text)) {
    throw new ConfigError(
      `${name} contains a variable that your client did not replace (such as \${HOME}): write the value itself`,
    );
  }
  return text;
}

const LOOKS_LIKE_KEY = /^(?:https?:\/\/)?of_[A-Za-z0-9_-]{8,}\/?$/;

/**
 * The key in another variable would be shown as a folder or host, or sent out as a name to look up.
 *
 * @throws {ConfigError} where the variable, under any of its names, holds the key or what looks like one.
 */
export function refuseKey(name: string, env: Environment): void {
  const key = env.OPENFUNNEL_API_KEY?.trim() ?? '';
  const names = /PROXY$/.test(name) ? [name, name.toLowerCase(), 'ALL_PROXY', 'all_proxy'] : [name];
  for (const each of names) {
    const text = env[each]?.trim() ?? '';
    if (LOOKS_LIKE_KEY.test(text) || (key.length >= SHORTEST_KEY && text.includes(key)))
      throw new ConfigError(
        `${each} contains what looks like an API key, which belongs only in OPENFUNNEL_API_KEY`,
      );
  }
}

export function apiKey(value: string | undefined): string | undefined {
  const key = value?.trim().replace(/^(["'])(.*)\1$/, '$2');
  if (!key) return undefined;
  if (PLACEHOLDER.test(key)) {
    throw new ConfigError(
      'OPENFUNNEL_API_KEY is a placeholder (such as of_... or $OPENFUNNEL_API_KEY), not a key: write the key itself there',
    );
  }
  if (!/^[!-~]{1,500}$/.test(key)) {
    throw new ConfigError(
      'OPENFUNNEL_API_KEY contains characters that are never part of a key (it should be one word such as of_…)',
    );
  }
  return key;
}

export function baseUrl(value: string | undefined): URL {
  const text = expanded('OPENFUNNEL_BASE_URL', value) || DEFAULT_BASE_URL;
  const wrong = (why: string) => new ConfigError(`OPENFUNNEL_BASE_URL ${why}`);
  if (!URL.canParse(text)) throw wrong('is not a URL (it starts with https://)');
  const url = new URL(text.endsWith('/') ? text : `${text}/`);
  if (url.username !== '' || url.password !== '') throw wrong('must not contain a user name or password');
  if (url.search !== '' || url.hash !== '') throw wrong('must not contain a query or fragment');
  const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol === 'https:' || (url.protocol === 'http:' && loopback)) return url;
  throw wrong('must be https (plain http only for a loopback host)');
}

export function flag(name: string, value: string | undefined): boolean {
  const text = expanded(name, value)?.toLowerCase() ?? '';
  if (['', '0', 'false', 'no', 'off'].includes(text)) return false;
  if (['1', 'true', 'yes', 'on'].includes(text)) return true;
  throw new ConfigError(`${name} must be 1 or 0`);
}

export function speed(value: string | undefined): number {
  if (!value?.trim()) return 1;
  const factor = Number(value);
  if (factor > 0 && factor <= 100_000) return factor;
  throw new ConfigError('OPENFUNNEL_SANDBOX_SPEED must be a number above 0');
}

/** Whether only the first tools are offered. */
export function coreTools(value: string | undefined): boolean {
  const text = value?.trim().toLowerCase() || 'all';
  if (text === 'core' || text === 'all') return text === 'core';
  throw new ConfigError('OPENFUNNEL_TOOLS must be core or all');
}

export function port(value: string): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= 0 && number <= 65_535) return number;
  throw new ConfigError('the port must be 0 to 65535');
}

/** A number of credits, or null for `off`. */
export function credits(name: string, value: string | undefined, unset: number | null): number | null {
  const text = expanded(name, value)?.toLowerCase();
  if (!text) return unset;
  if (text === 'off') return null;
  // Some clients write a number of their settings page with a fraction.
  if (/^\d{1,9}(\.0+)?$/.test(text)) return Number(text);
  throw new ConfigError(`${name} must be a whole number of credits or off`);
}

/** The proxy that `name` or else ALL_PROXY names, lower case first, as curl has it; '' for none. */
export function proxy(env: Environment, name: string): string {
  const own = env[name.toLowerCase()] || env[name];
  const value = (own || env.all_proxy || env.ALL_PROXY || '').trim();
  if (value === '') return '';
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`;
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return url;
  // ALL_PROXY often names a SOCKS proxy that is meant for other programs.
  if (!own) return '';
  throw new ConfigError(
    `${name} must be the http:// or https:// URL of a proxy (a SOCKS proxy can't be used; name one that speaks HTTP, or remove the variable)`,
  );
}
