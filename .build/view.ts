import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { deflateRawSync } from 'node:zlib';
import { build, type Metafile } from 'esbuild';

/** What the view may weigh: hosts load it anew for every call that opens it. Bytes. */
export const MAX_VIEW_BYTES = 70_000;

const at = (name: string) => fileURLToPath(new URL(`../src/view/${name}`, import.meta.url));

/**
 * The view as one HTML document, style and packed script in it.
 *
 * @param note Is told what went into it.
 * @throws where it weighs too much.
 */
export async function buildView(
  version: string,
  note: (metafile: Metafile) => void = () => {},
): Promise<string> {
  const { outputFiles, metafile } = await build({
    entryPoints: [at('main.tsx'), at('style/style.css')],
    outdir: 'view',
    bundle: true,
    minify: true,
    format: 'esm',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    target: ['chrome123', 'firefox128', 'safari17.5'],
    define: { VERSION: JSON.stringify(version) },
    legalComments: 'none',
    logLevel: 'warning',
    write: false,
    metafile: true,
  });
  note(metafile);
  const part = (ending: string) => outputFiles.find(({ path }) => path.endsWith(ending))?.text.trim() ?? '';
  // Base64 holds nothing that could end the script.
  const script = deflateRawSync(part('.js'), { level: 9 }).toString('base64');
  // By functions: in a replacing text, "$&" would mean something.
  const html = (await readFile(at('index.html'), 'utf8'))
    .replace('/*STYLE*/', () => part('.css').replaceAll('</style', '<\\/style'))
    .replace('/*SCRIPT*/', () => script);
  const bytes = Buffer.byteLength(html);
  if (bytes > MAX_VIEW_BYTES) throw new Error(`the view weighs ${bytes} bytes, more than ${MAX_VIEW_BYTES}`);
  return html;
}
