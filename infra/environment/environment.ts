import { type Input, interpolate, type Output } from '@pulumi/pulumi/output.js';
import { ComponentResource, type ComponentResourceOptions, type Resource } from '@pulumi/pulumi/resource.js';
import { Annotation, environmentHeader, Header, Label, managedBy } from '../../config/labels.ts';
import type { EnvironmentPlan, ServicePlan } from '../../config/plan.ts';
import type { ClusterArgs } from '../cluster.ts';
import { hashOf } from '../hash.ts';
import { type Kind, type Kinds, KubernetesObject } from '../kubernetes-object.ts';
import { clusterProviders, type Providers } from '../providers.ts';
import { EnvironmentClaim, Ready } from '../resources.ts';
import { configHash, expectations } from './expectations.ts';
import { emptyFile } from './git-cover.ts';
import { limitRangeSpec, quotaSpec } from './limits.ts';
import { podSpec } from './pod.ts';
import { hostsOf, httpRouteSpec } from './routes.ts';

export interface EnvironmentArgs {
  readonly plan: EnvironmentPlan;
  readonly cluster: ClusterArgs;
}

/** What a worktree gets: a namespace of its own, its services, its routes, and the wait until they answer. */
export class Environment extends ComponentResource {
  /** For a team's own resources in this environment. */
  readonly providers: Providers;
  /** 8 hexadecimal digits, made once in an environment's life. */
  readonly environmentId: Output<string>;
  readonly namespace: Output<string>;

  constructor(name: string, args: EnvironmentArgs, options: ComponentResourceOptions = {}) {
    super('coppice:infra:Environment', name, {}, options);
    const { plan, cluster } = args;
    const { kubeconfig, context } = cluster;
    const providers = clusterProviders(cluster, this);
    const claim = this.claim(args, providers);
    const labels = {
      [Label.managedBy]: managedBy,
      [Label.app]: plan.app,
      [Label.environment]: plan.slug,
      [Label.environmentId]: claim.environmentId,
    };
    const headers = {
      // One function makes this text for everybody; only the id is not known before the claim.
      [Header.environment]: interpolate`${environmentHeader(plan.app, plan.slug, '')}${claim.environmentId}`,
      [Header.commit]: plan.commitHeader,
    };
    const inside = { parent: this, provider: providers.kubernetes, dependsOn: [claim], deletedWith: claim };
    const made: Resource[] = [];
    const object = <K extends Kind>(
      kind: K,
      objectName: string,
      body: Kinds[K],
      own: Readonly<Record<string, Input<string>>> = {},
    ) => {
      const metadata = { name: objectName, namespace: plan.namespace, labels: { ...labels, ...own } };
      made.push(new KubernetesObject(kind, `${name}-${objectName}`, metadata, body, inside));
    };

    object('ResourceQuota', 'quota', { spec: quotaSpec(plan.services) });
    object('LimitRange', 'limits', { spec: limitRangeSpec });
    if (plan.source.kind === 'mount' && plan.source.git === 'file')
      object('ConfigMap', emptyFile.name, { data: { [emptyFile.key]: '' } });
    for (const service of plan.services) {
      const own = { [Label.service]: service.name };
      object('Deployment', service.name, { spec: deploymentSpec(plan, service, { ...labels, ...own }) }, own);
      if (service.port !== undefined)
        object('Service', service.name, { spec: serviceSpec(service, service.port) }, own);
    }
    for (const host of hostsOf(plan.routes)) {
      object(
        'HTTPRoute',
        host.name,
        { spec: httpRouteSpec(host, plan, headers) },
        { [Label.service]: host.name },
      );
    }

    const { http, ...expected } = expectations(plan, cluster.http.port);
    const local = cluster.ingress === 'host-loopback' && http ? { http } : {};
    const generation = hashOf({ plan, cluster });
    new Ready(
      `${name}-ready`,
      { kubeconfig, context, ...expected, ...local, headers, generation },
      { parent: this, provider: providers.coppice, dependsOn: made, deletedWith: claim },
    );
    this.providers = providers;
    this.environmentId = claim.environmentId;
    this.namespace = claim.namespace;
    this.registerOutputs({ environmentId: this.environmentId, namespace: this.namespace });
  }

  private claim({ plan, cluster }: EnvironmentArgs, { coppice }: Providers): EnvironmentClaim {
    const { repository, branch, worktree, commit } = plan.identity;
    const { kubeconfig, context, uid } = cluster;
    const where = { kubeconfig, context, cluster: uid };
    const local = cluster.ingress === 'host-loopback' ? { httpPort: cluster.http.port } : {};
    const whose = { app: plan.app, slug: plan.slug, repository, branch, worktree, commit };
    return new EnvironmentClaim(
      'claim',
      { ...where, ...whose, ...local },
      { parent: this, provider: coppice },
    );
  }
}

function deploymentSpec(
  plan: EnvironmentPlan,
  service: ServicePlan,
  labels: Readonly<Record<string, Input<string>>>,
): Kinds['Deployment']['spec'] {
  return {
    replicas: service.replicas,
    revisionHistoryLimit: 1,
    selector: { matchLabels: { [Label.service]: service.name } },
    // All new pods at once, the old ones end when these are ready: quick, and the URL never stops answering.
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '100%', maxUnavailable: 0 } },
    template: {
      metadata: { labels, annotations: { [Annotation.configHash]: configHash(plan, service) } },
      spec: podSpec(plan, service),
    },
  };
}

function serviceSpec(service: ServicePlan, port: number): Kinds['Service']['spec'] {
  return {
    selector: { [Label.service]: service.name },
    ports: [{ name: 'http', port, targetPort: port, protocol: 'TCP' }],
  };
}
