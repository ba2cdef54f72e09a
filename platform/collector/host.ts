import { answersHere, type Ingress } from '../../core/ingress.ts';
import { gateway, Header, Label, platformNamespace } from '../../core/labels.ts';
import { Attribute, collectorPorts, hostPath, hostTokenHeader } from '../../core/telemetry.ts';
import type { HttpRouteSpec } from '../../resources/kubernetes-object.ts';
import type { PartObject } from '../part.ts';
import { quoted, resource, type Statements, type Transform } from './attribution.ts';

/**
 * Signals of processes on this machine (`wt run`), which come through the gateway. The token that they show says whose
 * they are (core/host-token.ts): a wrong one, none, and one of an environment that is gone are an unknown sender's.
 */

/** Attributes of a resource until its sender is known; a sender cannot set them, as names like these are deleted first. */
const seen = {
  token: 'coppice.host.token',
  signed: 'coppice.host.signed',
  expected: 'coppice.host.expected',
  /** Id of the environment that has the namespace now. */
  current: 'coppice.host.current',
} as const;

/** Of the receiver: https://github.com/open-telemetry/opentelemetry-collector/tree/main/receiver/otlpreceiver */
export const hostPaths = {
  traces_url_path: `${hostPath}/v1/traces`,
  metrics_url_path: `${hostPath}/v1/metrics`,
  logs_url_path: `${hostPath}/v1/logs`,
};

/** https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/processor/resourceprocessor */
export const hostShown = {
  attributes: [{ key: seen.token, from_context: `metadata.${hostTokenHeader}`, action: 'upsert' }],
};

const set = (name: string, value: string, when: string) => `set(${resource(name)}, ${value}) where ${when}`;
/** Namespace, id, service, and a hash over these. */
const tokenText = '^wt-[a-z0-9-]+\\.[a-z0-9-]+\\.[a-z0-9-]+\\.[0-9a-f]{64}$';

function statements(keyFile: string): string[] {
  // The Collector puts the file's content here when it starts.
  const key = `"\${file:${keyFile}}"`;
  const signature = `SHA256(Concat([${key}, SHA256(Concat([${key}, ${resource(seen.signed)}], "\\n"))], "\\n"))`;
  const whole = `Concat([${resource(seen.signed)}, ${resource(seen.expected)}], ".")`;
  const known = `${resource(seen.expected)} != nil and ${whole} == ${resource(seen.token)}`;
  const part = (index: number) => `Split(${resource(seen.signed)}, ".")[${index}]`;
  return [
    set(
      seen.signed,
      resource(seen.token),
      `${resource(seen.token)} != nil and IsMatch(${resource(seen.token)}, ${quoted(tokenText)})`,
    ),
    `replace_pattern(${resource(seen.signed)}, ${quoted('\\.[0-9a-f]{64}$')}, "") where ${resource(seen.signed)} != nil`,
    set(seen.expected, signature, `${resource(seen.signed)} != nil`),
    set(Attribute.namespace, part(0), known),
    set(Attribute.environmentId, part(1), known),
    set(Attribute.service, part(2), known),
    set(Attribute.container, `"${hostContainer}"`, known),
    `delete_matching_keys(resource.attributes, ${quoted('^coppice\\.host\\.')})`,
  ];
}

/** Where a pod's signals have the name of its container. */
const hostContainer = 'wt-run';

/** What the token says, if it is right. */
export function hostClaim(keyFile: string): Transform {
  return everySignal({ context: 'resource', statements: statements(keyFile) });
}

/** Id of the environment that has the namespace: https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/processor/k8sattributesprocessor */
export function hostNamespace(auth: 'serviceAccount' | 'kubeConfig') {
  return {
    auth_type: auth,
    wait_for_metadata: true,
    wait_for_metadata_timeout: '30s',
    // Of no pod: the connection is the gateway's.
    pod_association: [{ sources: [{ from: 'resource_attribute', name: seen.token }] }],
    extract: {
      metadata: [],
      labels: [{ from: 'namespace', key: Label.environmentId, tag_name: seen.current }],
    },
  };
}

const outdated = `${resource(Attribute.namespace)} != nil and (${resource(seen.current)} == nil or ${resource(seen.current)} != ${resource(Attribute.environmentId)})`;

/** An environment that is gone, or has been created again, has lost its tokens. */
export const hostOwner: Transform = everySignal({
  context: 'resource',
  statements: [
    // The namespace is the last, as the condition asks for it.
    ...[Attribute.service, Attribute.container].map(
      (name) => `delete_key(resource.attributes, "${name}") where ${outdated}`,
    ),
    `delete_key(resource.attributes, "${Attribute.namespace}") where ${outdated}`,
    `delete_key(resource.attributes, "${Attribute.environmentId}") where ${resource(Attribute.namespace)} == nil`,
    `delete_key(resource.attributes, "${seen.current}")`,
  ],
});

function everySignal(statements: Statements): Transform {
  return {
    error_mode: 'propagate',
    trace_statements: [statements],
    metric_statements: [statements],
    log_statements: [statements],
  };
}

const below = hostPath.replaceAll('.', '\\.');

/** In a `filter`: the gateway's spans of what this machine sends here, a trace for each export. */
export const hostExports = [
  `IsMatch(span.attributes["url.path"], ${quoted(`^${below}/`)})`,
  `IsMatch(span.attributes["url.full"], ${quoted(`^http://[^/]*${below}/`)})`,
];

const hostRouteName = 'collector-host';

/**
 * Without hostnames: `*.localhost` is not resolved by every program's resolver, so it is 127.0.0.1 that they are given,
 * and hosts of environments come before it.
 */
const hostRouteSpec: HttpRouteSpec = {
  parentRefs: [{ name: gateway.name, namespace: platformNamespace, sectionName: gateway.listener }],
  rules: [
    {
      matches: [{ path: { type: 'PathPrefix', value: hostPath }, method: 'POST' }],
      filters: [
        {
          type: 'ResponseHeaderModifier',
          responseHeaderModifier: {
            set: [{ name: Header.platform, value: hostRouteName }],
            remove: ['Access-Control-Allow-Origin'],
          },
        },
      ],
      backendRefs: [{ name: 'collector', port: collectorPorts.host }],
    },
  ],
};

/** Only where the gateway is on this machine: elsewhere anybody who reaches it could send. */
export function hostRoute(ingress: Ingress): PartObject[] {
  if (!answersHere(ingress)) return [];
  return [{ kind: 'HTTPRoute', name: hostRouteName, body: { spec: hostRouteSpec } }];
}
