import { freshDocuments } from './documents/generate.ts';
import { ROOT } from './package/project.ts';
import { recordedPublication } from './package/publication.ts';
import { put } from './package/staging.ts';

// `npm run documents`: rewrites what is generated in the documents. CI fails where it is stale.
put(ROOT, freshDocuments(recordedPublication()));
