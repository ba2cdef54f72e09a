import { ComponentResource, type ComponentResourceOptions, type Resource } from '@pulumi/pulumi/resource.js';
import { hashOf } from '../../core/hash.ts';
import { Annotation, gateway, Label, managedBy, platformNamespace } from '../../core/labels.ts';
import type { Volume } from '../../core/volume.ts';
import { traefikRules } from '../../platform/gateway/access.ts';
import { gatewayApiKinds, gatewayApiVersion, traefikController } from '../../platform/gateway/gateway-api.ts';
import {
  listenerPort,
  type Published,
  type TraefikArgs,
  traefikFile,
  traefikHash,
  traefikName,
  traefikPod,
  traefikService,
} from '../../platform/gateway/traefik.ts';
import {
  type PostgresArgs,
  postgresData,
  postgresDeployment,
  postgresName,
  postgresPort,
  postgresService,
} from '../../platform/postgres/deployment.ts';
import {
  type TemporalArgs,
  temporalDeployment,
  temporalName,
  temporalPort,
  temporalRoute,
  temporalServiceBody,
} from '../../platform/temporal/deployment.ts';
import { volumeClaim } from '../../platform/volume.ts';
import type { ClusterArgs } from '../../resources/cluster-args.ts';
import { Definitions } from '../../resources/definitions/resource.ts';
import { type Kind, type Kinds, KubernetesObject } from '../../resources/kubernetes-object.ts';
import { Password } from '../../resources/password/resource.ts';
import { PlatformClaim } from '../../resources/platform/resource.ts';
import { clusterProviders, type Providers } from '../../resources/providers.ts';
import { Ready } from '../../resources/ready/resource.ts';
import { expectations } from './expectations.ts';

export interface PlatformArgs {
  readonly cluster: ClusterArgs;
  /** Version of coppice. */
  readonly version: string;
  /** Folder or file with the YAML of the Gateway API's definitions. */
  readonly gatewayApi: string;
  readonly traefikImage: string;
  readonly ipv6: boolean;
  /** The server of all environments' databases; absent until a spec asks for one. */
  readonly postgres?: PostgresArgs;
  /** The server of all environments' Temporal namespaces; absent until a spec asks for one. */
  readonly temporal?: TemporalArgs;
}

const labels = { [Label.managedBy]: managedBy };

interface Options {
  readonly deletedWith?: Resource;
  readonly retainOnDelete?: boolean;
  readonly dependsOn?: readonly Resource[];
}

/** What all environments of a cluster share: the Gateway with Traefik behind it, PostgreSQL and Temporal. */
export class Platform extends ComponentResource {
  private readonly args: PlatformArgs;
  private readonly traefik: TraefikArgs;
  private readonly providers: Providers;
  private readonly claim: PlatformClaim;
  private readonly definitions: Definitions;
  private readonly made: Resource[] = [];

  constructor(name: string, args: PlatformArgs, options: ComponentResourceOptions = {}) {
    super('coppice:infra:Platform', name, {}, options);
    this.args = args;
    const { ingress, http } = args.cluster;
    this.traefik = {
      image: args.traefikImage,
      ingress,
      port: http.port,
      ipv6: args.ipv6,
      published: publishedOf(args),
    };
    this.providers = clusterProviders(args.cluster, this);
    this.claim = this.createClaim();
    this.definitions = this.createDefinitions();
    this.createGateway();
    this.createAccess();
    this.createTraefik();
    if (args.postgres) this.createPostgres(args.postgres);
    if (args.temporal) this.createTemporal(args.temporal);
    this.createReady();
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
    const set = { folder: this.args.gatewayApi, kinds: gatewayApiKinds, version: gatewayApiVersion };
    // Stays when the platform goes: other things in the cluster may use the Gateway API.
    const options = {
      parent: this,
      provider: this.providers.coppice,
      retainOnDelete: true,
      dependsOn: [this.claim],
    };
    return new Definitions('gateway-api', { ...this.where, ...set }, options);
  }

  private createGateway(): void {
    const listener = {
      name: gateway.listener,
      protocol: 'HTTP',
      port: listenerPort(this.traefik),
      allowedRoutes: { namespaces: { from: 'All' } },
    };
    this.shared('GatewayClass', gateway.name, { spec: { controllerName: traefikController } });
    this.inside('Gateway', gateway.name, { spec: { gatewayClassName: gateway.name, listeners: [listener] } });
  }

  private createAccess(): void {
    const role = `coppice-${traefikName}`;
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role };
    const subject = { kind: 'ServiceAccount', name: traefikName, namespace: platformNamespace };
    this.inside('ServiceAccount', traefikName, { automountServiceAccountToken: false });
    this.shared('ClusterRole', role, { rules: traefikRules });
    this.shared('ClusterRoleBinding', role, { roleRef, subjects: [subject] });
  }

  private createTraefik(): void {
    const selector = { [Label.service]: traefikName };
    const service = traefikService(this.traefik);
    this.inside('ConfigMap', traefikName, { data: traefikFile(this.traefik) });
    this.inside('Deployment', traefikName, {
      spec: {
        replicas: 1,
        revisionHistoryLimit: 1,
        selector: { matchLabels: selector },
        // There is one port 80.
        strategy: { type: 'Recreate' },
        template: {
          metadata: {
            labels: { ...labels, ...selector },
            annotations: { [Annotation.configHash]: traefikHash(this.traefik) },
          },
          spec: traefikPod(this.traefik),
        },
      },
    });
    if (service) this.inside('Service', traefikName, { spec: { ...service, selector } });
  }

  private createPostgres(postgres: PostgresArgs): void {
    const password = new Password(
      postgresName,
      { ...this.where, namespace: platformNamespace, name: postgresName },
      {
        parent: this,
        provider: this.providers.coppice,
        dependsOn: [this.claim],
        deletedWith: this.claim,
        deleteBeforeReplace: true,
      },
    );
    this.made.push(password);
    this.createVolume(postgresName, postgres.volume);
    this.inside('ConfigMap', postgresName, { data: postgresData });
    this.inside('Service', postgresName, postgresService);
    this.inside('Deployment', postgresName, postgresDeployment(postgres), { dependsOn: [password] });
  }

  private createTemporal(temporal: TemporalArgs): void {
    this.createVolume(temporalName, temporal.volume);
    this.inside('Service', temporalName, temporalServiceBody);
    this.inside('Deployment', temporalName, temporalDeployment(temporal));
    if (temporal.port !== undefined) this.inside('HTTPRoute', temporalName, { spec: temporalRoute });
  }

  private createVolume(server: string, volume: Volume): void {
    const claim = volumeClaim(volume);
    // The data outlive the platform.
    if (claim) this.inside('PersistentVolumeClaim', server, claim, { retainOnDelete: true });
  }

  private createReady(): void {
    const { kubeconfig, context } = this.where;
    const { postgres, temporal } = this.args;
    const expected = expectations({ traefik: this.traefik, postgres, temporal });
    new Ready(
      'ready',
      { kubeconfig, context, ...expected, generation: hashOf(this.args) },
      { parent: this, provider: this.providers.coppice, dependsOn: this.made },
    );
  }

  /** An object in the platform's namespace. */
  private inside<K extends Kind>(kind: K, objectName: string, body: Kinds[K], options: Options = {}): void {
    const metadata = { name: objectName, namespace: platformNamespace, labels };
    this.create(kind, metadata, body, { deletedWith: this.claim, ...options });
  }

  /** An object of the whole cluster. */
  private shared<K extends Kind>(kind: K, objectName: string, body: Kinds[K]): void {
    this.create(kind, { name: objectName, labels }, body, {});
  }

  private create<K extends Kind>(
    kind: K,
    metadata: { readonly name: string; readonly namespace?: string; readonly labels: typeof labels },
    body: Kinds[K],
    options: Options,
  ): void {
    const all = {
      ...options,
      parent: this,
      provider: this.providers.kubernetes,
      dependsOn: [this.claim, this.definitions, ...(options.dependsOn ?? [])],
      deleteBeforeReplace: true,
    };
    this.made.push(new KubernetesObject(kind, metadata.name, metadata, body, all));
  }
}

/** Servers that have a port on this machine. */
function publishedOf({ postgres, temporal }: PlatformArgs): Published[] {
  const published = (name: Published['name'], port: number | undefined, servicePort: number) =>
    port === undefined ? [] : [{ name, port, servicePort }];
  return [
    ...published(postgresName, postgres?.port, postgresPort),
    ...published(temporalName, temporal?.port, temporalPort),
  ];
}
