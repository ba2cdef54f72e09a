import { emptyFileName } from '../../config/plan/worktree-pod.ts';
import { namespaceName } from '../../core/names.ts';
import { contracts } from '../../resources/registry.ts';

/** Names of our own resource types. */
const ownTypes = new Map<string, { readonly words: string; readonly unnamed?: true }>(
  Object.values(contracts).map((contract) => [contract.token, contract]),
);

/** Names of resource types, from Kubernetes' documentation. */
const typeNames: Readonly<Record<string, string>> = {
  'kubernetes:apps/v1:Deployment': 'deployment',
  'kubernetes:core/v1:Service': 'service',
  'kubernetes:core/v1:ConfigMap': 'config map',
  'kubernetes:core/v1:Secret': 'secret',
  'kubernetes:core/v1:Namespace': 'namespace',
  'kubernetes:core/v1:ResourceQuota': 'quota',
  'kubernetes:core/v1:LimitRange': 'limits',
  'kubernetes:core/v1:ServiceAccount': 'service account',
  'kubernetes:rbac.authorization.k8s.io/v1:ClusterRole': 'cluster role',
  'kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding': 'cluster role binding',
  'kubernetes:gateway.networking.k8s.io/v1:HTTPRoute': 'route',
  'kubernetes:gateway.networking.k8s.io/v1:Gateway': 'gateway',
  'kubernetes:gateway.networking.k8s.io/v1:GatewayClass': 'gateway class',
  'kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition': 'resource definition',
};

/** What it is for: pods see no `.git`, whose paths are those of this machine. */
const emptyGit = 'empty .git for pods';

/** Resources that only group or connect others: not worth a line. */
export function isHidden(type: string): boolean {
  return (
    type === 'pulumi:pulumi:Stack' ||
    type.startsWith('pulumi:providers:') ||
    type.startsWith('coppice:infra:')
  );
}

/** Type and logical name from a URN, `urn:pulumi:<stack>::<project>::<parent$types$type>::<name>`. */
export function urnParts(urn: string): { readonly type: string; readonly name: string } {
  const [, , qualified = '', ...name] = urn.split('::');
  return { type: qualified.slice(qualified.lastIndexOf('$') + 1), name: name.join('::') };
}

/**
 * A resource for people, by its name in the cluster if the inputs have it: `deployment web`, `namespace
 * wt-shop--feat-b`.
 */
export function resourceLabel(urn: string, inputs: Readonly<Record<string, unknown>> = {}): string {
  const { type, name } = urnParts(urn);
  const own = ownTypes.get(type);
  if (own?.unnamed) return own.words;
  const word = own?.words ?? typeNames[type] ?? spaced(type.slice(type.lastIndexOf(':') + 1));
  const real = nameIn(inputs) ?? name;
  if (word === 'config map' && real === emptyFileName) return emptyGit;
  return real === word ? word : `${word} ${real}`;
}

function nameIn({ app, slug, metadata }: Readonly<Record<string, unknown>>): string | undefined {
  if (typeof app === 'string' && typeof slug === 'string') return namespaceName(app, slug);
  const name = (metadata as { name?: unknown } | undefined)?.name;
  return typeof name === 'string' ? name : undefined;
}

/** `PersistentVolumeClaim` as `persistent volume claim`. */
function spaced(kind: string): string {
  return kind.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
}
