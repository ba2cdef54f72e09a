import type { Kube } from '../../cluster/kube/client.ts';
import { CoppiceError } from '../../core/errors.ts';
import type { RouteState } from './check.ts';
import type { ReadyPlan } from './contract.ts';
import { type Spoken, spokenBy } from './speaks.ts';

/** When a route that does not answer is worth the question. */
const FIRST_MS = 3_000;
/**
 * When silence means that the server speaks something else: a development server that compiles can be silent for a
 * while.
 */
const SILENT_MS = 15_000;

/** Finds out, once, whether routes do not answer because their services do not speak HTTP/1.1. */
export class ProtocolCheck {
  private readonly kube: Kube;
  private readonly plan: ReadyPlan;
  private due = FIRST_MS;

  constructor(kube: Kube, plan: ReadyPlan) {
    this.kube = kube;
    this.plan = plan;
  }

  /** Throws COPPICE_NOT_READY, with the key to write. */
  async check(routes: readonly RouteState[], elapsed: number): Promise<void> {
    if (elapsed < this.due) return;
    this.due = this.due === FIRST_MS ? SILENT_MS : Number.POSITIVE_INFINITY;
    const { namespace } = this.plan;
    const found = await Promise.all(
      suspects(routes).map(async (service) => ({
        service,
        spoken: await spokenBy(this.kube, { namespace, service }),
      })),
    );
    for (const { service, spoken } of found) {
      const problem = spoken && problemOf(service, spoken, elapsed >= SILENT_MS);
      if (problem) throw problem;
    }
  }
}

/** Services that should speak HTTP/1.1, and that the gateway reached in vain. */
function suspects(routes: readonly RouteState[]): string[] {
  const inVain = routes.filter(({ http2, status = 502 }) => !http2 && status >= 500);
  return [...new Set(inVain.map(({ service }) => service))];
}

/** @internal Its test needs no cluster. */
export function problemOf(service: string, spoken: Spoken, patient: boolean): CoppiceError | undefined {
  if (spoken === 'http' || (spoken === 'silent' && !patient)) return undefined;
  if (spoken === 'http2')
    return new CoppiceError('COPPICE_NOT_READY', `service ${service} speaks only HTTP/2 on its port`, {
      hint: `write \`protocol: h2c\` (or \`grpc\`) under services.${service} in coppice.yaml`,
    });
  return new CoppiceError(
    'COPPICE_NOT_READY',
    `service ${service} accepts connections on its port, but speaks no HTTP there`,
    { hint: `write \`protocol: tcp\` under services.${service} in coppice.yaml` },
  );
}
