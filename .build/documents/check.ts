import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { parse as parseToml } from 'smol-toml';
import { ROOT } from '../package/project.ts';

/** Where something is wrong in a document, and what. */
export type Fault = string;

/** Links to files and headings that are not there; addresses outside the repository are not looked at. */
export function deadLinks(path: string): Fault[] {
  const text = withoutCode(read(path));
  const links = [...text.matchAll(/!?\[[^\]]*\]\(([^)\s]+)[^)]*\)|(?:src|href)="([^"]+)"/g)];
  return links
    .map((match) => match[1] ?? match[2] ?? '')
    .filter((link) => !/^[a-z][a-z0-9+.-]*:/i.test(link))
    .flatMap((link) => {
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? path : normalize(join(dirname(path), decodeURIComponent(file)));
      if (!existsSync(join(ROOT, target))) return [`${path}: ${link} leads nowhere`];
      if (anchor === undefined || !target.endsWith('.md') || anchors(target).has(anchor)) return [];
      return [`${path}: ${link} names no heading`];
    });
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

function withoutCode(text: string): string {
  return text.replaceAll(/^([ >]*)```[\s\S]*?^\1```$/gm, '').replaceAll(/`[^`\n]*`/g, '');
}

/** Anchors that GitHub makes of a document's headings. */
function anchors(path: string): Set<string> {
  const headings = [...read(path).matchAll(/^#{1,6} (.+)$/gm)].map((match) => match[1] ?? '');
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
