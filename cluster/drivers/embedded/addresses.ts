import { CoppiceError } from '../../../core/errors.ts';

/** An IPv4 range; addresses are unsigned 32-bit numbers. */
export interface Range {
  readonly first: number;
  readonly last: number;
  readonly prefix: number;
}

/** The addresses that follow from the two ranges of the settings. */
export interface Addresses {
  /** The bridge: the node, the API server, DNS. First address of the pods' range. */
  readonly node: string;
  /** Length of the pods' prefix, for `ip addr add`. */
  readonly prefix: number;
  /** Cluster IP of the service `kubernetes`. */
  readonly apiService: string;
  readonly podCidr: string;
  readonly serviceCidr: string;
}

/** Throws `COPPICE_ADDRESSES` unless `text` is an IPv4 range in CIDR notation. */
export function parseRange(text: string): Range {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  const numbers = match?.slice(1).map(Number) ?? [];
  const [a = 256, b = 256, c = 256, d = 256, prefix = 33] = numbers;
  if (prefix > 32 || [a, b, c, d].some((part) => part > 255)) {
    throw new CoppiceError('COPPICE_ADDRESSES', `${text} is not an IPv4 range such as 10.213.0.0/16`);
  }
  const size = 2 ** (32 - prefix);
  const address = a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d;
  const first = address - (address % size);
  return { first, last: first + size - 1, prefix };
}

/** `10.213.0.1` of 181731329. */
export function addressText(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}

export function overlap(one: Range, other: Range): boolean {
  return one.first <= other.last && other.first <= one.last;
}

/** Throws `COPPICE_ADDRESSES` for ranges that overlap or are too small for their job. */
export function addressesOf(podCidr: string, serviceCidr: string): Addresses {
  const pods = parseRange(podCidr);
  const services = parseRange(serviceCidr);
  if (overlap(pods, services)) {
    throw new CoppiceError('COPPICE_ADDRESSES', `podCidr ${podCidr} and serviceCidr ${serviceCidr} overlap`, {
      hint: 'set ranges that do not overlap under `embedded:` in the settings',
    });
  }
  // The API server refuses service ranges larger than 2^20 addresses; below /24 there is no room for an environment or two.
  checkPrefix('podCidr', podCidr, pods.prefix, 8, 24);
  checkPrefix('serviceCidr', serviceCidr, services.prefix, 12, 24);
  return {
    node: addressText(pods.first + 1),
    prefix: pods.prefix,
    apiService: addressText(services.first + 1),
    podCidr: `${addressText(pods.first)}/${pods.prefix}`,
    serviceCidr: `${addressText(services.first)}/${services.prefix}`,
  };
}

function checkPrefix(key: string, text: string, prefix: number, largest: number, smallest: number): void {
  if (prefix >= largest && prefix <= smallest) return;
  throw new CoppiceError(
    'COPPICE_ADDRESSES',
    `${key} ${text} must have a prefix from /${largest} to /${smallest}`,
  );
}
