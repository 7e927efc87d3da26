import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openFile } from '../disk/open-file.ts';
import { checkImage } from '../sql/image.ts';
import type { Finding } from './finding.ts';

/**
 * Whether every kept list can be read to its last byte, by its checksums; and how many were set aside before. Changes
 * nothing: what is damaged is set aside at its next use.
 */
export async function keptFinding(directory: string): Promise<Finding> {
  const names = await readdir(directory).catch(() => []);
  const lists = names.filter((name) => name.endsWith('.sqlite'));
  const aside = names.filter((name) => name.includes('.damaged-')).length;
  const damaged: string[] = [];
  for (const name of lists) if (!(await isWhole(join(directory, name)))) damaged.push(name);
  const faults = damaged.length + aside;
  return {
    check: 'kept_lists',
    verdict: faults === 0 ? 'ok' : 'note',
    says: [
      `${lists.length - damaged.length} kept`,
      ...(damaged.length > 0 ? [`${damaged.length} damaged in ${directory}`] : []),
      ...(aside > 0 ? [`${aside} damaged ones set aside before`] : []),
    ].join(', '),
    ...(faults === 0
      ? {}
      : {
          advice:
            'Nothing to do while OpenFunnel has the job: a damaged list is set aside and read anew at its next use.',
        }),
    facts: { kept: lists.length - damaged.length, damaged: damaged.length, set_aside: aside },
  };
}

async function isWhole(path: string): Promise<boolean> {
  const file = await openFile(path, 'r').catch(() => null);
  if (!file) return false;
  try {
    checkImage(await file.readFile());
    return true;
  } catch {
    return false;
  } finally {
    await file.close();
  }
}
