import { defined } from '../../core/defined.ts';
import { CoppiceError } from '../../core/errors.ts';
import type { NothingLeft } from '../../core/exhaustive.ts';
import { isSlug, longestSlug, namespaceName, platformHosts, primaryHost, slugOf } from '../../core/names.ts';
import { referredDatabase, referredTemporal } from '../spec/references/referred.ts';
import type { Spec } from '../spec/schema/spec.ts';
import { planDatabase } from './database.ts';
import type { EnvironmentPlan, PlanContext } from './environment-plan.ts';
import { planInstalls } from './install.ts';
import { planRoutes } from './routes.ts';
import { planServices, referencesOf } from './services.ts';
import { planSource } from './source.ts';
import { planTemporal, temporalAddress } from './temporal.ts';

export type * from './environment-plan.ts';

/**
 * Plans an environment from its spec and the facts about the place: no file, no process, no clock. Throws COPPICE_SLUG,
 * COPPICE_HOST, COPPICE_OUTSIDE_WORKTREE, COPPICE_SOURCE, COPPICE_RUNTIME.
 */
export function planEnvironment(spec: Spec, context: PlanContext): EnvironmentPlan {
  const { identity, specFolder, profile } = context;
  const { name: app, setup, ...rest } = spec;
  rest satisfies NothingLeft<typeof rest, PlannedBelow>;
  const slug = chooseSlug(context);
  const namespace = namespaceName(app, slug);
  const source = planSource(spec, context);
  const commitHeader = source.kind === 'mount' ? `${identity.commit}+live` : identity.commit;
  const routes = planRoutes(spec, { slug, httpPort: context.httpPort });
  refusePlatformHost(primaryHost(app, slug, spec.host));
  const where = {
    slug,
    namespace,
    routes,
    context,
    ...(source.kind === 'image' && { commit: identity.commit }),
  };
  const references = referencesOf(spec, where, {
    database: referredDatabase(spec.database),
    temporal: referredTemporal(spec.temporal, { address: temporalAddress, namespace }),
  });
  const { runtimes, databaseFiles: files } = context;
  const database = planDatabase(spec, { slug, source, references, runtimes, files });
  const installs = planInstalls(spec, { source, context });
  const temporal = planTemporal(spec.temporal, namespace);
  return {
    app,
    slug,
    namespace,
    identity,
    specFolder,
    profile,
    source,
    services: planServices(spec, where, references),
    routes,
    commitHeader,
    setup,
    ...(installs.length > 0 && { installs }),
    ...defined({ database, temporal }),
  };
}

/**
 * Sections of a spec that have their own file here; `source.ts` reads `source`, `routes.ts` reads `host`, `services.ts` reads `telemetry`. `hooks`, `carry` and
 * `lifetime` belong to worktrees: no object in the cluster depends on them.
 */
type PlannedBelow =
  | 'version'
  | 'services'
  | 'database'
  | 'temporal'
  | 'telemetry'
  | 'install'
  | 'source'
  | 'host'
  | 'hooks'
  | 'carry'
  | 'lifetime';

function chooseSlug({ as, identity }: PlanContext): string {
  if (as === undefined) return slugOf(identity.branch);
  if (isSlug(as)) return as;
  throw new CoppiceError('COPPICE_SLUG', `"${as}" cannot be the name of an environment`, {
    hint: `use a-z, 0-9 and single dashes, at most ${longestSlug} characters, such as --as ${slugOf(as)}`,
  });
}

function refusePlatformHost(host: string): void {
  if (!platformHosts.includes(host)) return;
  throw new CoppiceError('COPPICE_HOST', `http://${host} belongs to the platform`, {
    hint: 'choose another name with --as NAME, or a host pattern in coppice.yaml with more than {slug}',
  });
}
