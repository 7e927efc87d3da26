import { execFileSync } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { readFileSync } from 'node:fs';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { HttpTransport, type ProxySettings, TransportError } from '../../src/openfunnel/http.ts';
import { temporaryFolder } from '../upstream.ts';

/** One POST, and the fault that comes of it. */
async function post(url: string, proxies: ProxySettings = {}, timeoutMs = 5_000): Promise<TransportError> {
  const transport = new HttpTransport(systemClock, proxies);
  onTestFinished(() => transport.close());
  const { signal } = new AbortController();
  const exchange = { method: 'POST' as const, url: new URL(url), headers: {}, body: '{}', signal, timeoutMs };
  const error = await transport.send(exchange).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof TransportError)) throw new Error(`expected a fault, not ${String(error)}`);
  return error;
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** The sockets that this process opens from now on. */
function clientSockets(): Socket[] {
  const sockets: Socket[] = [];
  const take = (message: unknown) => sockets.push((message as { socket: Socket }).socket);
  subscribe('net.client.socket', take);
  onTestFinished(() => void unsubscribe('net.client.socket', take));
  return sockets;
}

const failure = (code: string) => Object.assign(new Error(code), { code });

test.each([
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EADDRNOTAVAIL',
])('%s is certain while connecting, and not once the request is out', async (code) => {
  const sockets = clientSockets();
  const port = await listening(
    createServer((socket) => {
      socket.on('error', () => {});
      // The whole request is there: upstream has it.
      socket.once('data', () => sockets[0]?.destroy(failure(code)));
    }),
  );
  expect(await post(`http://127.0.0.1:${port}/`)).toMatchObject({ neverSent: false, fault: 'broken' });
});

test('nothing listening, no such host: certainly not sent', async () => {
  const server = createServer();
  const port = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  expect(await post(`http://127.0.0.1:${port}/`)).toMatchObject({ neverSent: true, fault: 'refused' });
  expect(await post('http://no-such-host.invalid/')).toMatchObject({ neverSent: true, fault: 'dns' });
});

test('before the end of the TLS handshake: certain', async () => {
  const plain = await listening(
    createServer((socket) => void socket.on('error', () => {}).end('no TLS here\r\n')),
  );
  expect(await post(`https://127.0.0.1:${plain}/`)).toMatchObject({ neverSent: true, fault: 'tls' });
  const silent = await listening(createServer((socket) => void socket.on('error', () => {})));
  expect(await post(`https://127.0.0.1:${silent}/`, {}, 300)).toMatchObject({ neverSent: true });
  const gone = await listening(createServer((socket) => void socket.once('data', () => socket.destroy())));
  expect(await post(`https://127.0.0.1:${gone}/`)).toMatchObject({ neverSent: true });
});

test('after the TLS handshake: not certain (skipped without openssl)', async (context) => {
  const folder = temporaryFolder();
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  try {
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const made = ['-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, '-days', '2'];
    execFileSync('openssl', ['req', '-x509', ...made, ...subject], { stdio: 'ignore' });
  } catch {
    context.skip();
  }
  let requests = 0;
  const server = createHttpsServer({ key: readFileSync(key), cert: readFileSync(cert) }, (req) => {
    requests += 1;
    // What is no TLS any more, in the middle of the connection.
    req.on('data', () => {}).on('end', () => rawSockets[0]?.write('this is no TLS record'));
  });
  const rawSockets: Duplex[] = [];
  server.on('connection', (socket) => rawSockets.push(socket));
  const port = await listening(server);
  expect(await post(`https://127.0.0.1:${port}/`)).toMatchObject({ neverSent: true, fault: 'authority' });
  expect(requests).toBe(0);
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
  onTestFinished(() => {
    delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
  });
  rawSockets.length = 0;
  expect(await post(`https://127.0.0.1:${port}/`)).toMatchObject({ neverSent: false, fault: 'broken' });
  expect(requests).toBe(1);
});

test('a body that breaks off is kept as far as it came', async () => {
  const port = await listening(
    createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{"job_id":"a1",'));
    }),
  );
  expect(await post(`http://127.0.0.1:${port}/`)).toMatchObject({
    neverSent: false,
    partial: '{"job_id":"a1",',
  });
});

test('no proxy is asked for this machine; one that refuses has let nothing through', async () => {
  const seen: string[] = [];
  const proxy = await listening(
    createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', (data) => {
        seen.push(String(data));
        socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n');
      });
    }),
  );
  const upstream = await listening(
    createServer((socket) => void socket.once('data', () => socket.destroy())),
  );
  const proxies = { httpProxy: `http://127.0.0.1:${proxy}`, httpsProxy: `http://127.0.0.1:${proxy}` };
  for (const host of ['127.0.0.1', 'localhost'])
    expect(await post(`http://${host}:${upstream}/`, proxies)).toMatchObject({ neverSent: false });
  expect(seen).toEqual([]);
  expect(await post('https://api.example.invalid/', proxies)).toMatchObject({
    neverSent: true,
    fault: 'proxy',
  });
  expect(seen).toHaveLength(1);
});

test('a proxy that wants a password, and a company’s own authority, are named with what to set', async () => {
  const proxy = await listening(
    createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', (data) => {
        const known = String(data).includes(`Basic ${Buffer.from('ada:p@ss').toString('base64')}`);
        socket.end(`HTTP/1.1 ${known ? '403 No' : '407 Who are you'}\r\ncontent-length: 0\r\n\r\n`);
      });
    }),
  );
  const through = (user: string) =>
    post('https://api.example.invalid/', { httpsProxy: `http://${user}127.0.0.1:${proxy}` });
  const refused = await through('');
  expect(refused).toMatchObject({ neverSent: true, fault: 'proxy_password' });
  expect(await through('ada:p%40ss@')).toMatchObject({ fault: 'proxy' });
  const { message } = refused;
  expect(message).toContain('HTTPS_PROXY');
  expect(message).toContain('user:password@host');
  expect(new TransportError('authority', true).message).toContain('NODE_EXTRA_CA_CERTS');
});
