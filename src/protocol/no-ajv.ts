// Stands in for `ajv` and `ajv-formats` in the bundle. The SDK imports them for checking form answers and
// output schemas; this server brings its own check of the one form it has (`elicitation.ts`), and they would
// be a third of what Node has to compile before the first answer.
export default function unused(): never {
  throw new Error('ajv is not part of this bundle');
}
