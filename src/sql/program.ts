import { readFileSync } from 'node:fs';
import { programReplaced } from '../lib/later.ts';

declare global {
  /** As far as it is used here; the types of Node leave it out. */
  const WebAssembly: {
    Module: new (bytes: Uint8Array) => WebAssembly.Module;
    Instance: new (module: WebAssembly.Module, imports: object) => object;
  };
}

/** What the thread in which SQLite runs is begun from. */
export interface ThreadProgram {
  /** A script of CommonJS that needs nothing beside it. */
  source: string;
  /** SQLite, compiled: what one thread has made fast the next one finds so. */
  sqlite: WebAssembly.Module;
}

let program: ThreadProgram | undefined;

/**
 * The program of the thread, which is read once and held: the thread is begun again and again, also after the files
 * of this server have been replaced.
 *
 * @param file Its script; SQLite lies beside it.
 * @throws {OpenFunnelError} where it can't be read.
 */
export function threadProgram(file: URL): ThreadProgram {
  try {
    program ??= {
      source: readFileSync(file, 'utf8'),
      sqlite: new WebAssembly.Module(readFileSync(new URL('./sql-wasm.wasm', file))),
    };
    return program;
  } catch (error) {
    throw programReplaced(error);
  }
}
