import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';

/**
 * A port on 127.0.0.1 that refuses every connection until `close`: it is held by the near end of a connection, so
 * that no other process can be given it, and an end of a connection accepts none.
 */
export async function refusingPort(): Promise<{ url: string; close: () => Promise<void> }> {
  const far = createServer((socket) => socket.on('error', () => {}));
  far.listen(0, '127.0.0.1');
  await once(far, 'listening');
  const holder = connect((far.address() as AddressInfo).port, '127.0.0.1');
  await once(holder, 'connect');
  return {
    url: `http://127.0.0.1:${holder.localPort}`,
    async close() {
      holder.destroy();
      await new Promise((closed) => far.close(closed));
    },
  };
}
