import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };

const DIST = fileURLToPath(new URL('../../dist/', import.meta.url));

/** Packages that the files of `dist` load when they run. */
function loaded(): Set<string> {
  const packages = new Set<string>();
  for (const name of readdirSync(DIST).filter((each) => /\.c?js$/.test(each))) {
    const code = readFileSync(`${DIST}${name}`, 'utf8');
    // In minified code: import"x", from"x", import("x"), require("x"); names of packages alone.
    for (const [, specifier = ''] of code.matchAll(
      /(?:\bimport|\bfrom|\bimport\(|\brequire\()\s*["']((?:@[\w.-]+\/)?[\w.-]+)(?:\/[\w./-]*)?["']/g,
    ))
      if (!isBuiltin(specifier) && !specifier.startsWith('.')) packages.add(specifier);
  }
  return packages;
}

test('what is installed with the package is what its files load', () => {
  expect([...loaded()].sort()).toEqual(Object.keys(packageJson.dependencies).sort());
});

test('the licences of what is bundled are in the package', () => {
  const text = readFileSync(`${DIST}LICENSES.txt`, 'utf8');
  for (const name of ['zod', '@modelcontextprotocol/sdk', 'csv-stringify', 'sql.js'])
    expect(text).toMatch(new RegExp(`^- ${name} \\d`, 'm'));
  for (const name of Object.keys(packageJson.dependencies))
    expect(text).not.toMatch(new RegExp(`^- ${name} `, 'm'));
  expect(text).toContain('Permission is hereby granted');
});
