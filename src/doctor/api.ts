import type { Config } from '../config/config.ts';
import type { ErrorCode, OpenFunnelError } from '../openfunnel/errors.ts';
import { fromAnswer, fromTransport, invalidResponse } from '../openfunnel/failures.ts';
import { type Send, TransportError } from '../openfunnel/http.ts';
import { creditBalance, errorBody } from '../openfunnel/wire.ts';
import type { Finding } from './finding.ts';

/** Longer than any answer should take, and short enough to wait for. Milliseconds. */
const TIMEOUT_MS = 15_000;

const ADVICE: Partial<Record<ErrorCode, string>> = {
  unauthorized: 'Check OPENFUNNEL_API_KEY: it may be cut, revoked, or of another account.',
  forbidden: 'Ask OpenFunnel what this key may do.',
  insufficient_credits: 'Top up the account.',
  network:
    'Check the connection. Behind a proxy set HTTPS_PROXY (with user:password@ where it asks for one); where a company inspects TLS set NODE_EXTRA_CA_CERTS to its certificate file.',
  timeout: 'Try again; if it stays, check proxy and firewall.',
  rate_limited: 'Wait a minute and try again.',
  upstream_unavailable: 'OpenFunnel has trouble; try again later.',
  upstream_invalid_response:
    'Something between here and OpenFunnel may answer in its place: check OPENFUNNEL_BASE_URL and the proxy.',
};

/** Asks the API for the balance, which is free and tells whether the key is accepted. One request, no retry. */
export async function apiFinding({ baseUrl, apiKey }: Config, send: Send, version: string): Promise<Finding> {
  const check = 'api';
  if (apiKey === undefined)
    return { check, verdict: 'note', says: 'not asked, since there is no key', facts: { asked: false } };
  try {
    const answer = await send({
      method: 'GET',
      url: new URL('api/v1/credits/balance', baseUrl),
      headers: {
        accept: 'application/json',
        'user-agent': `openfunnel-lookalikes-mcp/${version} doctor`,
        'x-api-key': apiKey,
      },
      signal: new AbortController().signal,
      timeoutMs: TIMEOUT_MS,
    });
    const body = answer.body.replaceAll(apiKey, '[api key]');
    if (answer.status < 200 || answer.status > 299)
      return failed(fromAnswer(answer.status, errorBody.safeParse(parseJson(body)).data, null));
    const balance = creditBalance.safeParse(parseJson(body));
    if (!balance.success) return failed(invalidResponse(answer.status, 'it is no balance'));
    const left = balance.data.credits_left;
    return {
      check,
      verdict: left > 0 ? 'ok' : 'problem',
      says: `reached, key accepted, ${left} credits left`,
      ...(left > 0 ? {} : { advice: 'Top up the account: without credits no search can run.' }),
      facts: { asked: true, reached: true, accepted: true, has_credits: left > 0 },
    };
  } catch (error) {
    if (error instanceof TransportError) return failed(fromTransport(error), error.fault);
    throw error;
  }

  function failed(error: OpenFunnelError, fault: string | null = null): Finding {
    return {
      check,
      verdict: 'problem',
      says: error.message,
      advice: ADVICE[error.code] ?? 'Try again; if it stays, report it with the output of doctor --json.',
      facts: {
        asked: true,
        reached: error.httpStatus !== null,
        code: error.code,
        http_status: error.httpStatus,
        fault,
      },
    };
  }
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
