import { ComponentResource, type ComponentResourceOptions, type Resource } from '@pulumi/pulumi/resource.js';
import { hashOf } from '../../core/hash.ts';
import { answersHere } from '../../core/ingress.ts';
import { Label, managedBy, platformNamespace } from '../../core/labels.ts';
import { pins } from '../../core/pins.ts';
import { gatewayTracing } from '../../platform/collector/deployment.ts';
import { gatewayApiKinds } from '../../platform/gateway/gateway-api.ts';
import type { PagesArgs } from '../../platform/pages/deployment.ts';
import type { PartObject, PartPlan } from '../../platform/part.ts';
import { type OnDemandArgs, parts, plansOf, publishedOf } from '../../platform/parts.ts';
import type { ClusterArgs } from '../../resources/cluster-args.ts';
import { Definitions } from '../../resources/definitions/resource.ts';
import { type Kind, KubernetesObject } from '../../resources/kubernetes-object.ts';
import { Password } from '../../resources/password/resource.ts';
import { PlatformClaim } from '../../resources/platform/resource.ts';
import { clusterProviders, type Providers } from '../../resources/providers.ts';
import { Ready } from '../../resources/ready/resource.ts';
import { expectations } from './expectations.ts';

/** Arguments of a part are absent until a spec asks for it. */
export interface PlatformArgs extends OnDemandArgs {
  readonly cluster: ClusterArgs;
  /** Version of coppice. */
  readonly version: string;
  /** Folder or file with the YAML of the Gateway API's resource definitions. */
  readonly gatewayApi: string;
  readonly traefikImage: string;
  /** Image and program of the pages. */
  readonly pages: Omit<PagesArgs, 'port'>;
  readonly ipv6: boolean;
  readonly trustForwardedHeaders: boolean;
  /** Names of Services whose pods may fail to start, see the plan of {@link Ready}. */
  readonly optional: readonly string[];
}

const labels = { [Label.managedBy]: managedBy };

/**
 * What all environments of a cluster share: the Gateway with Traefik behind it, the pages for what does not answer, and
 * the servers that specs asked for.
 */
export class Platform extends ComponentResource {
  private readonly args: PlatformArgs;
  private readonly providers: Providers;
  private readonly claim: PlatformClaim;
  private readonly definitions: Definitions;
  private readonly created: Resource[] = [];

  constructor(name: string, args: PlatformArgs, options: ComponentResourceOptions = {}) {
    super('coppice:infra:Platform', name, {}, options);
    this.args = args;
    this.providers = clusterProviders(args.cluster, this);
    this.claim = this.createClaim();
    this.definitions = this.createDefinitions();
    const plans = [gatewayPlan(args), pagesPlan(args), ...plansOf(args)];
    for (const plan of plans) this.createPart(plan);
    this.createReady(plans);
    this.registerOutputs({ namespace: platformNamespace });
  }

  private get where() {
    const { kubeconfig, context, uid } = this.args.cluster;
    return { kubeconfig, context, cluster: uid };
  }

  private createClaim(): PlatformClaim {
    const { version } = this.args;
    return new PlatformClaim(
      'claim',
      { ...this.where, version },
      { parent: this, provider: this.providers.coppice },
    );
  }

  private createDefinitions(): Definitions {
    const set = { folder: this.args.gatewayApi, kinds: gatewayApiKinds, version: pins.gatewayApi };
    // Stays when the platform is deleted: other things in the cluster may use the Gateway API.
    const options = {
      parent: this,
      provider: this.providers.coppice,
      retainOnDelete: true,
      dependsOn: [this.claim],
    };
    return new Definitions('gateway-api', { ...this.where, ...set }, options);
  }

  private createPart({ password, objects }: PartPlan): void {
    const secret = password === undefined ? [] : [this.createPassword(password)];
    const isFile = ({ kind }: PartObject) => kind === 'ConfigMap';
    // A pod that starts before its file was updated reads the old one, and nothing makes it read the new one.
    const files = objects.filter(isFile).map((object) => this.createObject(object, []));
    for (const object of objects.filter((object) => !isFile(object)))
      this.createObject(object, object.kind === 'Deployment' ? [...secret, ...files] : []);
  }

  private createPassword(name: string): Password {
    const password = new Password(
      name,
      { ...this.where, namespace: platformNamespace, name },
      {
        parent: this,
        provider: this.providers.coppice,
        dependsOn: [this.claim],
        deletedWith: this.claim,
        deleteBeforeReplace: true,
      },
    );
    this.created.push(password);
    return password;
  }

  private createObject<K extends Kind>(
    { kind, name, body, scope, retained }: PartObject<K>,
    dependsOn: readonly Resource[],
  ): Resource {
    const inside = scope !== 'cluster';
    const metadata = { name, ...(inside ? { namespace: platformNamespace } : {}), labels };
    const object = new KubernetesObject(kind, name, metadata, body, {
      ...(inside ? { deletedWith: this.claim } : {}),
      ...(retained ? { retainOnDelete: true } : {}),
      parent: this,
      provider: this.providers.kubernetes,
      dependsOn: [this.claim, this.definitions, ...dependsOn],
      deleteBeforeReplace: true,
    });
    this.created.push(object);
    return object;
  }

  private createReady(plans: readonly PartPlan[]): void {
    const { kubeconfig, context } = this.where;
    const { optional, ...args } = this.args;
    const expected = expectations(plans, args.cluster.http.port);
    new Ready(
      'ready',
      {
        kubeconfig,
        context,
        ...expected,
        ...(optional.length > 0 ? { optional } : {}),
        generation: hashOf(args),
      },
      { parent: this, provider: this.providers.coppice, dependsOn: this.created },
    );
  }
}

function gatewayPlan(args: PlatformArgs): PartPlan {
  const { cluster, traefikImage, ipv6, trustForwardedHeaders } = args;
  const { ingress, http } = cluster;
  return parts.gateway.plan({
    image: traefikImage,
    ingress,
    port: http.port,
    ipv6,
    trustForwardedHeaders,
    published: publishedOf(args),
    ...(args.collector ? { tracing: gatewayTracing } : {}),
  });
}

function pagesPlan({ cluster, pages }: PlatformArgs): PartPlan {
  const { ingress, http } = cluster;
  return parts.pages.plan({ ...pages, ...(answersHere(ingress) ? { port: http.port } : {}) });
}
