import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freshDocuments } from './documents/generate.ts';
import { ROOT } from './package/project.ts';

// `npm run documents`: rewrites what is generated in the documents. CI fails where it is stale.
for (const [path, text] of Object.entries(freshDocuments())) writeFileSync(join(ROOT, path), text);
