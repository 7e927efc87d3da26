#!/usr/bin/env node
// The first file that Node reads, in syntax that Node 10 also understands: an old one, such as a
// client may find first, is reported as too old instead of failing on newer syntax in the server.

/** Such as "20.18.1"; put in by the build from package.json. */
declare const NEEDED_NODE: string;

function isOld(have: string, need: string): boolean {
  const [ours, least] = [have.split('.'), need.split('.')];
  for (let part = 0; part < 3; part += 1) {
    const difference = Number.parseInt(ours[part] || '0', 10) - Number.parseInt(least[part] || '0', 10);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

if (isOld(process.versions.node, NEEDED_NODE)) {
  process.stderr.write(
    'openfunnel-lookalikes-mcp needs Node.js >= ' +
      NEEDED_NODE +
      ', this is ' +
      process.versions.node +
      ' (' +
      process.execPath +
      '). Install a newer one, or give your MCP client the path of one as its command.\n',
  );
  process.exitCode = 2;
} else {
  // @ts-expect-error: made by the build, beside this file
  import('./server.js');
}
