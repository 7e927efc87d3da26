import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';
import { check } from 'recheck';
import { parseAst } from 'vitest/node';

// Every pattern of the sources has to take no more than linear time, whatever text it meets: a company's description,
// an argument or a file would else hold up the whole server. Told by recheck, which knows all flags but `v`.

/** Patterns put together from others, by file: what is put together was looked at by hand. */
const PUT_TOGETHER: Readonly<Record<string, string>> = {
  'lib/text.ts': 'alternatives that were checked by themselves, and one run of one class of characters',
  'lib/secret.ts': 'the characters of a key one by one, and between two of them one run of what no key has',
};
/** Where marks are bounded before, and the simulator, which meets no text of others. */
const NORMALIZES = /^(?:lib\/text\.ts$|sandbox\/)/;
/** For one pattern: what counts are steps, from the same seed each time, and no time but that of all (milliseconds). */
const LIMITS = {
  ...{ timeout: 60_000, randomSeed: 1 },
  ...{ attackTimeout: null, incubationTimeout: null, seedingTimeout: null },
};

const SOURCES = fileURLToPath(new URL('../src/', import.meta.url));

interface Pattern {
  file: string;
  source: string;
  flags: string;
}

async function patternsOf(file: string, faults: string[]): Promise<Pattern[]> {
  const loader = file.endsWith('x') ? 'tsx' : 'ts';
  const { code } = await transform(readFileSync(SOURCES + file, 'utf8'), { loader, target: 'esnext' });
  const found: Pattern[] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const { type, regex, callee } = node as {
      type?: string;
      regex?: { pattern: string; flags: string };
      callee?: { name?: string; property?: { name?: string } };
    };
    if (type === 'Literal' && regex) found.push({ file, source: regex.pattern, flags: regex.flags });
    const made = (type === 'NewExpression' || type === 'CallExpression') && callee?.name === 'RegExp';
    if (made && !Object.hasOwn(PUT_TOGETHER, file))
      faults.push(`src/${file}: a pattern is put together here, which can't be checked`);
    if (type === 'CallExpression' && callee?.property?.name === 'normalize' && !NORMALIZES.test(file))
      faults.push(`src/${file}: normalize() sorts marks by insertion; normalForm of lib/text.ts bounds them`);
    for (const part of Object.values(node)) visit(part);
  };
  visit(parseAst(code));
  return found;
}

/** What is wrong with a pattern, or null. */
async function faultOf({ source, flags }: Pattern): Promise<string | null> {
  if (flags.includes('v')) {
    let outside = source;
    for (let before = ''; outside !== before; ) {
      before = outside;
      outside = outside.replace(/\[[^[\]]*\]/g, '.');
    }
    return /[*+{]/.test(outside.replace(/\\p\{\w+\}/g, '.'))
      ? 'has the flag v, and so may hold no loops'
      : null;
  }
  const { status, complexity } = await check(source, flags, LIMITS);
  return status === 'safe' ? null : (complexity?.summary ?? `could not be checked (${status})`);
}

const faults: string[] = [];
const checked = new Map<string, string | null>();
const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((name) =>
  /\.tsx?$/.test(name),
);
for (const file of files.map((name) => name.replaceAll('\\', '/')).sort()) {
  for (const pattern of await patternsOf(file, faults)) {
    const written = `/${pattern.source}/${pattern.flags}`;
    if (!checked.has(written)) checked.set(written, await faultOf(pattern));
    const fault = checked.get(written);
    if (fault) faults.push(`src/${file}: ${fault}: ${written}`);
  }
}
for (const fault of faults) process.stderr.write(`${fault}\n`);
process.stderr.write(
  `Checked ${checked.size} patterns in ${files.length} files. ${faults.length} may hang.\n`,
);
process.exitCode = faults.length > 0 ? 1 : 0;
