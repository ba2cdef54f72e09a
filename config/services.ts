import type { PlanContext, RoutePlan, ServicePlan } from './environment-plan.ts';
import { CoppiceError } from './errors.ts';
import { environmentName } from './names.ts';
import { primaryService } from './primary.ts';
import { referenceTable, resolveReferences } from './references.ts';
import { planResources } from './resources.ts';
import { publicUrl } from './routes.ts';
import { type ServiceSpec, type Spec, secondsOf } from './schema.ts';
import { telemetryVariables } from './telemetry.ts';

export interface ServicesContext {
  readonly slug: string;
  readonly namespace: string;
  readonly routes: readonly RoutePlan[];
  /** Absent where the folder is mounted. */
  readonly commit?: string;
  readonly context: PlanContext;
}

export function planServices(spec: Spec, where: ServicesContext): ServicePlan[] {
  const primary = primaryService(spec.services);
  const addresses = Object.entries(spec.services).map(([name, { port }]) => ({
    name,
    port,
    publicUrl: publicUrl(name, where.routes),
  }));
  const { branch } = where.context.identity;
  const table = referenceTable(addresses, {
    slug: where.slug,
    name: environmentName(spec.name, where.slug),
    namespace: where.namespace,
    branch,
  });
  return Object.entries(spec.services).map(([name, service]) => ({
    name,
    primary: name === primary,
    image: imageOf(name, service, where.context.runtimes),
    ...(service.command === undefined ? {} : { command: argvOf(service.command) }),
    ...(service.port === undefined ? {} : { port: service.port }),
    env: variables(spec.name, name, service, where, table),
    ...(service.ready === undefined
      ? {}
      : { readyPath: service.ready.path, readyTimeoutSeconds: secondsOf(service.ready.timeout) }),
    replicas: service.replicas,
    resources: planResources(service.resources),
  }));
}

function imageOf(name: string, service: ServiceSpec, runtimes: PlanContext['runtimes']): string {
  if (service.image !== undefined) return service.image;
  const runtime = service.runtime ?? '';
  const image = runtimes[runtime];
  if (image !== undefined) return image;
  throw new CoppiceError(
    'COPPICE_RUNTIME',
    `service ${name}: this cluster has no image for runtime ${runtime}`,
    {
      hint: 'run `wt cluster start` once more, or give the service an image',
    },
  );
}

function argvOf(command: string | readonly string[]): readonly string[] {
  return typeof command === 'string' ? ['sh', '-c', command] : command;
}

/** Ours first, so that a service may say otherwise where that does no harm; see rules.ts for PORT and HOST. */
function variables(
  app: string,
  name: string,
  service: ServiceSpec,
  { slug, namespace, commit, context }: ServicesContext,
  table: ReadonlyMap<string, string>,
): Record<string, string> {
  const { branch } = context.identity;
  const listening: Record<string, string> =
    service.port === undefined ? {} : { PORT: String(service.port), HOST: '0.0.0.0' };
  const own = Object.fromEntries(
    Object.entries(service.env).map(([key, value]) => [key, resolveReferences(value, table)]),
  );
  const telemetry = telemetryVariables(
    { app, slug, namespace, service: name, branch, ...(commit && { commit }) },
    own,
  );
  return { ...listening, ...telemetry.defaults, ...own, ...telemetry.fixed };
}
