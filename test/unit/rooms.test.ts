import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const SRC = fileURLToPath(new URL('../../src', import.meta.url));

/** Rooms from the top down; those of one line are side by side. A room imports from lower lines alone. */
const ROOMS = [
  ['index.ts', 'bootstrap.ts'],
  ['doctor'],
  ['compose.ts'],
  ['protocol'],
  ['resources', 'prompts'],
  ['tools'],
  ['results'],
  ['lists'],
  ['sql'],
  ['spending'],
  ['reading'],
  ['companies', 'files', 'judging'],
  ['disk'],
  ['openfunnel'],
  ['config'],
  ['lib'],
  // A stand-in for upstream, and what runs in a browser: nobody imports from them but to start them.
  ['sandbox', 'view'],
];

interface Source {
  path: string;
  room: string;
  text: string;
  imports: string[];
}

function sources(folder = SRC): Source[] {
  return readdirSync(folder).flatMap((name) => {
    const file = join(folder, name);
    if (statSync(file).isDirectory()) return sources(file);
    if (!/\.tsx?$/.test(name)) return [];
    const path = relative(SRC, file).replaceAll('\\', '/');
    const text = readFileSync(file, 'utf8');
    const imports = [...text.matchAll(/(?:from|import\()\s*'(\.{1,2}\/[^']+\.tsx?)'/g)].map(([, to = '']) =>
      relative(SRC, join(dirname(file), to)).replaceAll('\\', '/'),
    );
    return [{ path, room: path.split('/')[0] ?? '', text, imports }];
  });
}

const ALL = sources();
const levelOf = (room: string) => ROOMS.findIndex((rooms) => rooms.includes(room));

test('every room has its place', () => {
  expect([...new Set(ALL.map(({ room }) => room))].filter((room) => levelOf(room) === -1)).toEqual([]);
});

test('imports point down', () => {
  const apart = new Set(['sandbox', 'view']);
  const wrong = ALL.flatMap(({ path, room, imports }) =>
    imports
      .map((to) => ({ to, other: to.split('/')[0] ?? '' }))
      .filter(({ other }) => other !== room)
      .filter(({ to, other }) => {
        // Started by these, and by nobody else.
        if (apart.has(other)) return !/^(?:index|compose)\.ts$/.test(path) && to !== 'view/contract.ts';
        if (room === 'view') return other !== 'lib';
        // Countries, and how files are opened safely, are the same on both sides.
        if (room === 'sandbox') return !['companies', 'disk', 'lib'].includes(other);
        return levelOf(other) <= levelOf(room);
      })
      .map(({ to }) => `${path} → ${to}`),
  );
  expect(wrong).toEqual([]);
});

test('no file imports itself by way of others', () => {
  const importsOf = new Map(ALL.map(({ path, imports }) => [path, imports]));
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (path: string, way: readonly string[]): void => {
    if (way.includes(path)) {
      circles.push([...way.slice(way.indexOf(path)), path].join(' → '));
      return;
    }
    if (done.has(path)) return;
    for (const next of importsOf.get(path) ?? []) visit(next, [...way, path]);
    done.add(path);
  };
  for (const { path } of ALL) visit(path, []);
  expect(circles).toEqual([]);
});

test('files have 320 lines at the most, folders 15 files', () => {
  const long = ALL.filter(({ text }) => text.split('\n').length > 321).map(({ path }) => path);
  const folders = new Map<string, number>();
  for (const { path } of ALL) folders.set(dirname(path), (folders.get(dirname(path)) ?? 0) + 1);
  const full = [...folders].filter(([, files]) => files > 15);
  expect({ long, full }).toEqual({ long: [], full: [] });
});

/** Those that stand more than once. */
function repeated(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, at) => names.indexOf(name) !== at))];
}

test('no two files have one name', () => {
  expect(repeated(ALL.map(({ path }) => basename(path)))).toEqual([]);
});

test('no name is exported twice', () => {
  const exported = /^export (?:async )?(?:function\*?|class|interface|type|const|enum) (\w+)/gm;
  const names = ALL.flatMap(({ text }) => [...text.matchAll(exported)].map(([, name = '']) => name));
  expect(repeated(names)).toEqual([]);
});
