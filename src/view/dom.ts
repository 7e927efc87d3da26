import { cleanText } from '../lib/text.ts';

type Child = Node | string | null;
type Properties = Record<string, string | number | boolean | null | ((event: Event) => void)>;

/**
 * An element with attributes, listeners (`onclick` …) and children. A string child is text, never markup;
 * null children and attributes are left out, true is an empty attribute.
 */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Properties = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === false) continue;
    if (typeof value === 'function') element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** Text of a company in an element of its own direction, so that it can't turn its surroundings about. */
export function foreign(text: string, maxLength = 20_000): HTMLElement {
  return h('bdi', {}, plain(text, maxLength));
}

/** Text of a company without characters that steer, at most `maxLength` UTF-16 units. */
export function plain(text: string, maxLength = 20_000): string {
  const clean = cleanText(text.slice(0, maxLength + 200));
  return clean.length > maxLength ? `${clean.slice(0, maxLength).toWellFormed()}…` : clean;
}

/** The page that a domain or URL names, where that is a web page behind https. */
export function httpsUrl(text: string): string | null {
  const candidate = /^[a-z][a-z0-9+.-]*:/i.test(text) && !/^[^/:]+:\d/.test(text) ? text : `https://${text}`;
  if (candidate.length > 2_000 || !URL.canParse(candidate)) return null;
  const url = new URL(candidate.replace(/^http:/i, 'https:'));
  return url.protocol === 'https:' && url.username === '' && url.hostname.includes('.') ? url.href : null;
}
