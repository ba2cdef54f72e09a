import type { NothingLeft } from '../../core/exhaustive.ts';
import { parseQuantity } from '../spec/quantity.ts';
import type { ServiceSpec } from '../spec/schema/spec.ts';
import type { Resources } from './environment-plan.ts';

const defaults: Resources = {
  // Small, so that a laptop holds many environments; limits are larger, as a development server needs its peak, not its
  // average.
  requests: { cpu: '10m', memory: '32Mi' },
  limits: { cpu: '1', memory: '1Gi' },
};

type Written = ServiceSpec['resources'];
type Amounts = NonNullable<Written['requests']>;

/** Requests and limits of one pod. A default gives way to a written value, so that no request exceeds its limit. */
export function planResources({ requests, limits, ...rest }: Written): Resources {
  rest satisfies NothingLeft<typeof rest>;
  const [requested, limited] = [amountsOf(requests), amountsOf(limits)];
  const cpu = pairOf('cpu', requested.cpu, limited.cpu);
  const memory = pairOf('memory', requested.memory, limited.memory);
  return {
    requests: { cpu: cpu.request, memory: memory.request },
    limits: { cpu: cpu.limit, memory: memory.limit },
  };
}

function amountsOf({ cpu, memory, ...rest }: Amounts = {}) {
  rest satisfies NothingLeft<typeof rest>;
  return { cpu, memory };
}

function pairOf(kind: 'cpu' | 'memory', request: string | undefined, limit: string | undefined) {
  return {
    request: request ?? smaller(defaults.requests[kind], limit ?? defaults.limits[kind]),
    limit: limit ?? larger(defaults.limits[kind], request ?? defaults.requests[kind]),
  };
}

function smaller(a: string, b: string): string {
  return amount(a) <= amount(b) ? a : b;
}

function larger(a: string, b: string): string {
  return amount(a) >= amount(b) ? a : b;
}

function amount(quantity: string): number {
  return parseQuantity(quantity) ?? 0;
}
