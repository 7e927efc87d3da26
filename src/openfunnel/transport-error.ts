import { type ErrorCode, OpenFunnelError } from '../lib/errors.ts';
import { lowerFirst } from '../lib/text.ts';

const TRY_AGAIN = 'Try again shortly.';
const CHECK_NETWORK = 'Check the network, proxy and OPENFUNNEL_BASE_URL settings.';
const UNREADABLE = 'upstream_invalid_response';

/** Why an exchange brought no usable answer: its code, what is said of it, and what a person can do. */
const FAULTS = {
  refused: ['network', 'The connection to OpenFunnel was refused or has no route.', TRY_AGAIN],
  dns: ['network', "OpenFunnel's host name could not be resolved.", TRY_AGAIN],
  connect_timeout: ['network', 'The connection to OpenFunnel timed out.', TRY_AGAIN],
  broken: ['network', 'The connection to OpenFunnel broke before the answer was complete.', TRY_AGAIN],
  timeout: ['timeout', 'OpenFunnel did not answer in time.', TRY_AGAIN],
  encoding: [UNREADABLE, "OpenFunnel's answer could not be decompressed.", TRY_AGAIN],
  too_large: [
    UNREADABLE,
    "OpenFunnel's answer was far larger than a page and was not read to its end.",
    CHECK_NETWORK,
  ],
  tls: ['network', "OpenFunnel's TLS certificate or handshake was rejected.", CHECK_NETWORK],
  proxy: ['network', 'The configured proxy refused to connect to OpenFunnel.', CHECK_NETWORK],
  authority: [
    'network',
    "OpenFunnel's TLS certificate was signed by an authority that Node.js does not know, probably of a company that inspects TLS.",
    'Set NODE_EXTRA_CA_CERTS, in the env of this server, to the PEM file with the company’s certificates, and restart the client.',
  ],
  proxy_password: [
    'network',
    'The configured proxy requires a user name and password (HTTP 407).',
    'Set or check them in HTTPS_PROXY, in the env of this server, as http://user:password@host:port with special characters percent-encoded, and restart the client.',
  ],
} as const satisfies Record<string, readonly [ErrorCode, string, string]>;

export type TransportFault = keyof typeof FAULTS;

/** An exchange that brought no answer. */
export class TransportError extends OpenFunnelError {
  readonly fault: TransportFault;
  /** Only where the request surely did not leave. */
  readonly neverSent: boolean;
  /** What came of a body that broke off. */
  partial: string;
  /** What is the case, and what to do about it, in words for a person. */
  readonly told: readonly [says: string, advice: string];

  constructor(fault: TransportFault, neverSent: boolean, partial = '') {
    const [code, says, advice] = FAULTS[fault];
    const retryable = advice === TRY_AGAIN;
    const next = retryable ? advice : `Ask the user to ${lowerFirst(advice)}`;
    super(code, `${says} ${next}`, { retryable });
    this.fault = fault;
    this.neverSent = neverSent;
    this.partial = partial;
    this.told = [says, advice];
  }
}
