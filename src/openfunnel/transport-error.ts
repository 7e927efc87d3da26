/** Why an exchange brought no usable answer. */
export type TransportFault =
  | 'refused'
  | 'dns'
  | 'connect_timeout'
  | 'tls'
  /** The certificate comes from an authority that this machine does not know. */
  | 'authority'
  | 'proxy'
  /** The proxy wants a user name and password. */
  | 'proxy_password'
  | 'timeout'
  | 'broken'
  | 'too_large'
  | 'encoding'
  /** Code of this server that sends can't be loaded any more. */
  | 'program';

/**
 * An exchange that brought no answer. `neverSent` only where the request surely did not leave; `partial` is what
 * came of a body that broke off.
 */
export class TransportError extends Error {
  override readonly name = 'TransportError';
  readonly fault: TransportFault;
  readonly neverSent: boolean;
  readonly partial: string;

  constructor(fault: TransportFault, neverSent: boolean, cause?: unknown, partial = '') {
    super(fault, { cause });
    this.fault = fault;
    this.neverSent = neverSent;
    this.partial = partial;
  }
}

/** The code that a system error or one of a library carries, or ''. */
export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
}
