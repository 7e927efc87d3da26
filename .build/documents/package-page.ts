import { PROJECT } from '../package/project.ts';
import type { Owner } from '../package/publication.ts';

/** Code, which stays as it is, or a link in Markdown or HTML that is relative. */
const CODE_OR_LINK =
  /(```[\s\S]*?```|`[^`\n]*`)|(!?\[[^[\]]*\])\((?![a-z][a-z0-9+.-]*:|#)([^)\s]+)\)|(\b(?:src|href)=")(?![a-z][a-z0-9+.-]*:|#)([^"]+)"/gi;
const IMAGE = /\.(?:png|jpe?g|gif|svg|webp)$/i;

/**
 * A document of the repository's root as it stands on the package's page, where none of the other files are: links
 * become absolute. As long as there is no repository to lead to, they become plain text and images go.
 */
export function onPackagePage(text: string, owner: Owner | null): string {
  if (owner === null) return unlinked(text);
  const at = (path: string) =>
    IMAGE.test(path)
      ? `${owner.repository.replace('//github.com/', '//raw.githubusercontent.com/')}/v${PROJECT.version}/${path}`
      : `${owner.repository}/blob/v${PROJECT.version}/${path}`;
  return text.replace(CODE_OR_LINK, (whole, code, label, target, attribute, path) => {
    if (code !== undefined) return whole;
    return label === undefined ? `${attribute}${at(path)}"` : `${label}(${at(target)})`;
  });
}

/** Code in a label, as in [`a`](b), is part of the label here: what is taken out is what stands around it. */
function unlinked(text: string): string {
  return text
    .replaceAll(/^<p[^>]*><img src="(?![a-z]+:)[^"]*"[^>]*><\/p>\n\n?/gm, '')
    .replaceAll(/!\[[^[\]]*\]\((?![a-z][a-z0-9+.-]*:|#)[^)\s]+\)/gi, '')
    .replaceAll(/\[([^[\]]*)\]\((?![a-z][a-z0-9+.-]*:|#)[^)\s]+\)/gi, '$1');
}
