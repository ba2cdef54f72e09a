import { defined } from '../../core/defined.ts';
import { CoppiceError } from '../../core/errors.ts';
import type { NothingLeft } from '../../core/exhaustive.ts';
import { environmentName } from '../../core/names.ts';
import { instrumentedIn } from '../spec/instrumented-services.ts';
import { primaryService } from '../spec/primary-service.ts';
import { protocolOf } from '../spec/protocol.ts';
import { type References, type Referred, referenceTable, refersTo } from '../spec/references/references.ts';
import { type ServiceSpec, type Spec, secondsOf } from '../spec/schema/spec.ts';
import type { PlanContext, RoutePlan, ServicePlan } from './environment-plan.ts';
import { loadingVariables } from './instrumentation.ts';
import { planResources } from './resources.ts';
import { publicUrl } from './routes.ts';
import { telemetryVariables } from './telemetry.ts';
import { planVariables, type Variables } from './variables.ts';

export interface ServicesContext {
  readonly slug: string;
  readonly namespace: string;
  readonly routes: readonly RoutePlan[];
  /** Absent if the folder is mounted. */
  readonly commit?: string;
  readonly context: PlanContext;
}

/** Everything that this environment's spec may refer to. */
export function referencesOf(
  spec: Spec,
  { slug, namespace, routes, context }: ServicesContext,
  referred: Referred,
): References {
  const addresses = Object.entries(spec.services).map(([name, service]) => ({
    name,
    port: service.port,
    protocol: protocolOf(service),
    publicUrl: publicUrl(name, routes),
  }));
  const { branch } = context.identity;
  const name = environmentName(spec.name, slug);
  return referenceTable(addresses, { slug, name, namespace, branch }, referred);
}

export function planServices(spec: Spec, where: ServicesContext, references: References): ServicePlan[] {
  const primary = primaryService(spec.services);
  return Object.entries(spec.services).map(([name, service]) => ({
    ...planService(spec, name, service, where, references),
    primary: name === primary,
  }));
}

function planService(
  spec: Spec,
  name: string,
  service: ServiceSpec,
  where: ServicesContext,
  references: References,
): Omit<ServicePlan, 'primary'> {
  const { runtime, image, command, port, protocol: _, env, ready, replicas, resources, ...rest } = service;
  const instrument = instrumentedIn(spec, service);
  // routes.ts plans which service answers where.
  rest satisfies NothingLeft<typeof rest, 'primary' | 'paths' | 'telemetry'>;
  return {
    name,
    image: imageOf(`service ${name}`, { runtime, image }, where.context.runtimes),
    ...(command === undefined ? {} : { command: argvOf(command) }),
    ...defined({ port, protocol: plannedProtocol(service) }),
    ...variables(spec, name, service, where, references),
    usesTemporal: Object.values(env).some((value) => refersTo('temporal', value)),
    ...(ready && readinessOf(ready)),
    replicas,
    resources: planResources(resources),
    ...(instrument.length > 0 && { instrument }),
  };
}

function plannedProtocol(service: ServiceSpec): ServicePlan['protocol'] {
  const protocol = protocolOf(service);
  return service.port === undefined || protocol === 'http' ? undefined : protocol;
}

function readinessOf({ path, timeout, ...rest }: NonNullable<ServiceSpec['ready']>) {
  rest satisfies NothingLeft<typeof rest>;
  return { readyPath: path, readyTimeoutSeconds: secondsOf(timeout) };
}

/** `whose` is for the message. Throws COPPICE_RUNTIME. */
export function imageOf(
  whose: string,
  process: Pick<ServiceSpec, 'runtime' | 'image'>,
  runtimes: PlanContext['runtimes'],
): string {
  if (process.image !== undefined) return process.image;
  const runtime = process.runtime ?? '';
  const image = runtimes[runtime];
  if (image !== undefined) return image;
  throw new CoppiceError('COPPICE_RUNTIME', `${whose}: this cluster has no image for runtime ${runtime}`, {
    hint: 'run `wt cluster start` again, or give it an image',
  });
}

export function argvOf(command: string | readonly string[]): readonly string[] {
  return typeof command === 'string' ? ['sh', '-c', command] : command;
}

/** Ours first, so that a service may override them where that does no harm; see rules.ts for PORT and HOST. */
function variables(
  spec: Spec,
  name: string,
  service: ServiceSpec,
  { slug, namespace, commit, context }: ServicesContext,
  references: References,
): Variables {
  const { branch } = context.identity;
  const listening: Record<string, string> =
    service.port === undefined ? {} : { PORT: String(service.port), HOST: '0.0.0.0' };
  const { name: app, telemetry: asked } = spec;
  const written = { ...service.env, ...loadingVariables(instrumentedIn(spec, service), service.env) };
  const own = planVariables(written, references);
  const telemetry = telemetryVariables(
    {
      app,
      slug,
      namespace,
      service: name,
      branch,
      ...(commit && { commit }),
      ...(asked && { collector: 'service' }),
    },
    own.env,
  );
  const env = { ...listening, ...telemetry.defaults, ...own.env, ...telemetry.fixed };
  const isPublic = ([key]: [string, string]) => !Object.hasOwn(own.secretEnv, key);
  return { env: Object.fromEntries(Object.entries(env).filter(isPublic)), secretEnv: own.secretEnv };
}
