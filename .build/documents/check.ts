import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { parse as parseToml } from 'smol-toml';
import { PROJECT, ROOT } from '../package/project.ts';
import type { Owner } from '../package/publication.ts';

/** Where something is wrong in a document, and what. */
export type Fault = string;

/** Links to files and headings that are not there; addresses outside the repository are not looked at. */
export function deadLinks(path: string): Fault[] {
  return linksIn(read(path))
    .filter((link) => !/^[a-z][a-z0-9+.-]*:/i.test(link))
    .flatMap((link) => {
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? path : normalize(join(dirname(path), decodeURIComponent(file)));
      if (!existsSync(join(ROOT, target))) return [`${path}: ${link} leads nowhere`];
      if (anchor === undefined || !target.endsWith('.md') || anchorsOf(read(target)).has(anchor)) return [];
      return [`${path}: ${link} names no heading`];
    });
}

/**
 * Links that lead nowhere in a document as it stands on the package's page, alone: relative ones, and addresses in the
 * owner's repository at which there is no file.
 */
export function deadPageLinks(page: string, owner: Owner | null): Fault[] {
  return linksIn(page).flatMap((link) => {
    if (link.startsWith('#')) return anchorsOf(page).has(link.slice(1)) ? [] : [`${link} names no heading`];
    if (!/^https:/.test(link)) return [`${link} is relative`];
    const [path] = (owner === null ? undefined : pathIn(owner, link)?.split('#')) ?? [];
    return path === undefined || existsSync(join(ROOT, path)) ? [] : [`${link} leads nowhere`];
  });
}

/** Path of the file in the owner's repository that an address shows; undefined for any other address. */
function pathIn({ account }: Owner, link: string): string | undefined {
  const [, path] =
    /^https:\/\/github\.com\/[^/]+\/[^/]+\/blob\/[^/]+\/(.+)$/.exec(link) ??
    /^https:\/\/raw\.githubusercontent\.com\/[^/]+\/[^/]+\/[^/]+\/(.+)$/.exec(link) ??
    [];
  return link.includes(`/${account}/${PROJECT.name}/`) ? path : undefined;
}

/** Code blocks that are not what they say: JSON, TOML, shell. */
export function brokenBlocks(path: string): Fault[] {
  return codeBlocks(read(path)).flatMap(({ language, code, line }) => {
    try {
      PARSERS[language]?.(code);
      return [];
    } catch (error) {
      return [`${path}:${line}: no ${language}: ${error instanceof Error ? error.message : error}`];
    }
  });
}

const PARSERS: Readonly<Record<string, (code: string) => unknown>> = {
  json: JSON.parse,
  toml: parseToml,
  // Only asks the shell whether it could run it.
  sh: (code) =>
    process.platform === 'win32' ||
    execFileSync('bash', ['-n'], { input: code, stdio: ['pipe', 'pipe', 'pipe'] }),
};

/** Fenced blocks with their language and the line that they begin in. */
export function codeBlocks(text: string): Array<{ language: string; code: string; line: number }> {
  return [...text.matchAll(/^([ >]*)```(\w*)\n([\s\S]*?)^\1```$/gm)].map((match) => ({
    language: match[2] ?? '',
    code: (match[3] ?? '').replaceAll(new RegExp(`^${match[1]}`, 'gm'), ''),
    line: text.slice(0, match.index).split('\n').length,
  }));
}

/** A tool call that a document shows. */
export interface ShownCall {
  tool: string;
  args: Record<string, unknown>;
  /** What the document says behind it, up to the next call; on one line. */
  after: string;
}

/** Tool calls that a document shows, as `tool` `{"argument": …}`; `…` at the end of an id stands for its rest. */
export function shownCalls(text: string): ShownCall[] {
  const found = [...text.matchAll(/`([a-z]+(?:_[a-z]+)+)`(?: with)?[\s>]*`(\{[^`]*\})`/g)];
  return found.map((match, at) => ({
    tool: match[1] ?? '',
    args: JSON.parse(oneLine(match[2] ?? '')),
    after: oneLine(text.slice(match.index + match[0].length, found[at + 1]?.index)),
  }));
}

/** A conversation that a document tells, with the calls behind it. */
export interface Conversation {
  title: string;
  /** All of it, on one line. */
  text: string;
  calls: ShownCall[];
}

/** The parts of a document that show calls: they begin with a heading, or with another start of a conversation. */
export function conversations(document: string): Conversation[] {
  return document
    .split(/^(?=## |\*\*Or: )/m)
    .map((part) => ({
      title: /^(?:## )?(.*)/.exec(part)?.[1] ?? '',
      text: oneLine(part),
      calls: shownCalls(part),
    }))
    .filter(({ calls }) => calls.length > 0);
}

/** Without ends of lines, and the marks of quotes behind them. */
function oneLine(text: string): string {
  return text.replaceAll(/\n[ >]*/g, ' ');
}

/** Where all links and pictures of a document lead. */
function linksIn(text: string): string[] {
  return [...withoutCode(text).matchAll(/\]\(([^)\s]+)[^)]*\)|(?:src|href)="([^"]+)"/g)].map(
    (match) => match[1] ?? match[2] ?? '',
  );
}

function withoutCode(text: string): string {
  return text.replaceAll(/^([ >]*)```[\s\S]*?^\1```$/gm, '').replaceAll(/`[^`\n]*`/g, '');
}

/** Anchors that GitHub makes of a document's headings. */
function anchorsOf(text: string): Set<string> {
  const headings = [...text.matchAll(/^#{1,6} (.+)$/gm)].map((match) => match[1] ?? '');
  return new Set(
    headings.map((heading) =>
      heading
        .trim()
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(/\s/g, '-'),
    ),
  );
}

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}
