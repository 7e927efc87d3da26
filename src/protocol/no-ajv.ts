// Stands in for `ajv` and `ajv-formats` in the bundle. The SDK imports them for checking form answers and output
// schemas, which this server leaves to nobody, and they would be a third of what Node has to compile before the first
// answer.
export default function unused(): void {}
