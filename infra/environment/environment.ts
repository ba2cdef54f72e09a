import { type Input, interpolate, type Output } from '@pulumi/pulumi/output.js';
import {
  ComponentResource,
  type ComponentResourceOptions,
  type CustomResourceOptions,
  type Resource,
} from '@pulumi/pulumi/resource.js';
import type { EnvironmentPlan } from '../../config/plan/plan.ts';
import { emptyFileName, emptyKey } from '../../config/plan/worktree-pod.ts';
import { hashOf } from '../../core/hash.ts';
import { answersHere } from '../../core/ingress.ts';
import { environmentHeader, Header, Label } from '../../core/labels.ts';
import type { ClusterArgs } from '../../resources/cluster-args.ts';
import type { DatabaseInputs } from '../../resources/database/contract.ts';
import { EnvironmentClaim } from '../../resources/environment/resource.ts';
import { type Kind, type Kinds, KubernetesObject } from '../../resources/kubernetes-object.ts';
import { clusterProviders, type Providers } from '../../resources/providers.ts';
import { Ready } from '../../resources/ready/resource.ts';
import type { TemporalInputs } from '../../resources/temporal-namespace/contract.ts';
import type { TemporalNamespace } from '../../resources/temporal-namespace/resource.ts';
import { createDatabase, waitsForDatabase } from './database.ts';
import { deploymentSpec, serviceSpec } from './deployment.ts';
import { expectations } from './expectations.ts';
import { createInstalls, type Installs, installOf } from './install.ts';
import { createInstrumentations, type Instrumentations, instrumentationsOf } from './instrumentation.ts';
import { environmentLabels } from './labels.ts';
import { limitRangeSpec, quotaSpec } from './limits.ts';
import { hostsOf, httpRouteSpec } from './routes.ts';
import { createTemporal, temporalFor } from './temporal.ts';

export interface EnvironmentArgs {
  readonly plan: EnvironmentPlan;
  readonly cluster: ClusterArgs;
  /** Absent when the plan has no PostgreSQL database. */
  readonly database?: DatabaseInputs;
  /** Absent when the plan has no Temporal namespace. */
  readonly temporal?: TemporalInputs;
}

type Labels = Readonly<Record<string, Input<string>>>;

/** What a worktree gets: a namespace of its own, its services, its routes, and the wait until they answer. */
export class Environment extends ComponentResource {
  /** For a team's own resources in this environment. */
  readonly providers: Providers;
  /** 8 hexadecimal digits, generated once in an environment's life. */
  readonly environmentId: Output<string>;
  readonly namespace: Output<string>;
  /** Name of its Temporal namespace, known as soon as that is usable; undefined when the plan has none. */
  readonly temporalNamespace: Output<string> | undefined;

  private readonly args: EnvironmentArgs;
  private readonly claim: EnvironmentClaim;
  private readonly database: Resource | undefined;
  private readonly temporal: TemporalNamespace | undefined;
  private readonly installs: Installs;
  private readonly instrumentations: Instrumentations;
  private readonly labels: Labels;
  private readonly created: Resource[] = [];

  constructor(name: string, args: EnvironmentArgs, options: ComponentResourceOptions = {}) {
    super('coppice:infra:Environment', name, {}, options);
    this.args = args;
    this.providers = clusterProviders(args.cluster, this);
    this.claim = this.createClaim();
    this.environmentId = this.claim.environmentId;
    this.namespace = this.claim.namespace;
    this.labels = this.createLabels();
    this.database = this.createDatabase();
    this.temporal = this.createTemporal();
    this.installs = this.createInstalls();
    this.instrumentations = this.createInstrumentations();
    this.temporalNamespace = this.temporal?.namespaceId.apply(() => args.temporal?.temporal.namespace ?? '');
    // Pods first: they take longest.
    this.createServices();
    this.createRoutes();
    this.createLimits();
    this.createReady();
    this.registerOutputs({ environmentId: this.environmentId, namespace: this.namespace });
  }

  private createClaim(): EnvironmentClaim {
    const { plan, cluster } = this.args;
    const { kubeconfig, context, uid } = cluster;
    const { repository, branch, worktree, commit } = plan.identity;
    const where = { kubeconfig, context, cluster: uid };
    const whose = { app: plan.app, slug: plan.slug, repository, branch, worktree, commit };
    const local = answersHere(cluster.ingress) ? { httpPort: cluster.http.port } : {};
    const options = { parent: this, provider: this.providers.coppice };
    return new EnvironmentClaim('claim', { ...where, ...whose, ...local }, options);
  }

  private createLabels(): Labels {
    return { ...environmentLabels(this.args.plan), [Label.environmentId]: this.environmentId };
  }

  private createDatabase(): Resource | undefined {
    const { plan, database } = this.args;
    const options = { parent: this, provider: this.providers.coppice, dependsOn: [this.claim] };
    const resource = createDatabase(plan, database, options);
    if (resource) this.created.push(resource);
    return resource;
  }

  private createTemporal(): TemporalNamespace | undefined {
    const options = { parent: this, provider: this.providers.coppice, dependsOn: [this.claim] };
    const namespace = createTemporal(this.args.temporal, options);
    if (namespace) this.created.push(namespace);
    return namespace;
  }

  private createInstalls(): Installs {
    const { plan, cluster } = this.args;
    const installs = createInstalls(plan, cluster, this.inNamespace);
    this.created.push(...installs.values());
    return installs;
  }

  private createInstrumentations(): Instrumentations {
    const { plan, cluster } = this.args;
    const instrumentations = createInstrumentations(plan, cluster, this.inNamespace);
    this.created.push(...instrumentations.values());
    return instrumentations;
  }

  /** Options of a resource of our provider that is in the namespace, and is deleted with it. */
  private get inNamespace(): CustomResourceOptions {
    const { claim } = this;
    return { parent: this, provider: this.providers.coppice, dependsOn: [claim], deletedWith: claim };
  }

  private createLimits(): void {
    this.create('ResourceQuota', 'quota', { spec: quotaSpec(this.args.plan.services) });
    this.create('LimitRange', 'limits', { spec: limitRangeSpec });
  }

  private createServices(): void {
    const { plan } = this.args;
    if (plan.source.kind === 'mount' && plan.source.git === 'file')
      this.create('ConfigMap', emptyFileName, { data: { [emptyKey]: '' } });
    for (const service of plan.services) {
      const own = { [Label.service]: service.name };
      const database = waitsForDatabase(plan, service) ? this.database : undefined;
      const temporal = temporalFor(service, this.temporal);
      const install = installOf(plan, service);
      const installed = install && this.installs.get(install);
      const needs = [
        database,
        temporal,
        installed,
        ...instrumentationsOf(service, this.instrumentations),
      ].filter((need) => need !== undefined);
      const ids = { environmentId: this.environmentId, temporalNamespaceId: temporal?.namespaceId };
      const deployment = { spec: deploymentSpec(plan, service, ids) };
      this.create('Deployment', service.name, deployment, own, needs);
      const spec = serviceSpec(service);
      if (spec) this.create('Service', service.name, { spec }, own);
    }
  }

  private createRoutes(): void {
    for (const host of hostsOf(this.args.plan.routes)) {
      const spec = httpRouteSpec(host, this.args.plan, this.headers);
      this.create('HTTPRoute', host.name, { spec }, { [Label.service]: host.name });
    }
  }

  private createReady(): void {
    const { plan, cluster } = this.args;
    const { kubeconfig, context } = cluster;
    const { http, ...expected } = expectations(plan, cluster.http.port);
    // Elsewhere the routes answer at an address that is unknown here.
    const local = answersHere(cluster.ingress) && http ? { http } : {};
    const generation = hashOf({ plan, cluster });
    new Ready(
      'ready',
      { kubeconfig, context, ...expected, ...local, headers: this.headers, generation },
      { parent: this, provider: this.providers.coppice, dependsOn: this.created, deletedWith: this.claim },
    );
  }

  /** On every answer: the environment and the commit that produced it. */
  private get headers(): Readonly<Record<string, Input<string>>> {
    const { app, slug, commitHeader } = this.args.plan;
    // Only the id at the end is unknown before the claim.
    const environment = interpolate`${environmentHeader(app, slug, '')}${this.environmentId}`;
    return { [Header.environment]: environment, [Header.commit]: commitHeader };
  }

  /** An object in the environment's namespace, deleted with it. */
  private create<K extends Kind>(
    kind: K,
    objectName: string,
    body: Kinds[K],
    own: Labels = {},
    needs: readonly Resource[] = [],
  ): void {
    const metadata = {
      name: objectName,
      namespace: this.args.plan.namespace,
      labels: { ...this.labels, ...own },
    };
    const options = {
      parent: this,
      provider: this.providers.kubernetes,
      dependsOn: [this.claim, ...needs],
      deletedWith: this.claim,
      // A namespace that was deleted by hand and recreated has none of these, even if a refresh before its end still
      // saw them.
      replaceOnChanges: [`metadata.labels["${Label.environmentId}"]`],
      // Names are fixed: deleting the old one after creating its replacement would delete the replacement.
      deleteBeforeReplace: true,
    };
    this.created.push(new KubernetesObject(kind, objectName, metadata, body, options));
  }
}
