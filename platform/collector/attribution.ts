import { Label, platformNamespace } from '../../core/labels.ts';
import { Attribute, unknownSender } from '../../core/telemetry.ts';

/**
 * Whose a signal is. The order matters: first everything is deleted by which a sender could say it is somebody else's,
 * then `k8s_attributes`, which never overrides what is there, finds the pod, and what we derive is set last.
 */

/** A `transform` processor: https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/processor/transformprocessor */
export interface Transform {
  /** `propagate` refuses what a statement fails on, so nothing passes that was not cleaned. */
  readonly error_mode: 'propagate' | 'ignore';
  readonly trace_statements?: readonly Statements[];
  readonly metric_statements?: readonly Statements[];
  readonly log_statements?: readonly Statements[];
}

export interface Statements {
  readonly context: 'resource' | 'scope' | 'span' | 'spanevent' | 'datapoint' | 'metric' | 'log';
  readonly statements: readonly string[];
}

/**
 * Keys that become one of ours in a store. Prometheus turns every character that is no letter or digit into `_`, so
 * `k8s_namespace_name` and `k8s-namespace.name` are the same label; VictoriaLogs flattens maps, so a map `k8s` with a
 * key `namespace.name` is the same field.
 *
 * @internal Its test tries keys.
 */
export const forgedKeys =
  '(?i)^[^a-z0-9]*((k8s|coppice)([^a-z0-9]|$)|service[^a-z0-9]+(name|namespace)[^a-z0-9]*$)';
/** VictoriaLogs' own fields (`_stream`, `_time`, `_msg`) begin so. */
const stores = '^_';

/** A text in a statement. `$` would be a variable to the Collector's reader of configuration. */
export function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('$', '$$$$')}"`;
}

export function resource(name: string): string {
  return `resource.attributes["${name}"]`;
}

const deleted = (target: string, pattern: string) => `delete_matching_keys(${target}, ${quoted(pattern)})`;
/** Every way to say one of our names in a map of attributes. */
const forged = (target: string) => [
  deleted(target, forgedKeys),
  `delete_key(${target}, "service") where IsMap(${target}["service"])`,
];

const cleanResource: Statements = { context: 'resource', statements: forged('resource.attributes') };
const cleanScope: Statements = {
  context: 'scope',
  statements: [...forged('scope.attributes'), deleted('scope.attributes', stores)],
};

/** Of a log record, whoever wrote it. */
export const ownKeys: Statements = {
  context: 'log',
  statements: [...forged('log.attributes'), deleted('log.attributes', stores)],
};

/** Of senders that connect: what they say of themselves. */
export const clean: Transform = {
  error_mode: 'propagate',
  trace_statements: [
    cleanResource,
    cleanScope,
    { context: 'span', statements: forged('span.attributes') },
    { context: 'spanevent', statements: forged('spanevent.attributes') },
  ],
  metric_statements: [
    {
      context: 'resource',
      statements: [
        ...cleanResource.statements,
        // All others would be labels of `target_info`, a new series for each start of a process.
        `keep_matching_keys(resource.attributes, "^(service|telemetry\\\\.sdk|vcs)\\\\.")`,
      ],
    },
    cleanScope,
    { context: 'datapoint', statements: forged('datapoint.attributes') },
  ],
  log_statements: [
    {
      context: 'resource',
      statements: [
        ...cleanResource.statements,
        deleted('resource.attributes', `${stores}|^(process|telemetry|os)\\.`),
      ],
    },
    cleanScope,
    {
      context: 'log',
      statements: [
        ...ownKeys.statements,
        `${deleted('log.body', forgedKeys)} where IsMap(log.body)`,
        'delete_key(log.body, "service") where IsMap(log.body) and IsMap(log.body["service"])',
        `${deleted('log.body', stores)} where IsMap(log.body)`,
      ],
    },
  ],
};

/** Where the processor finds the pod. */
export type Association = { readonly from: 'connection' } | { readonly attribute: string };

/** https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/processor/k8sattributesprocessor */
export function podOf(association: Association, auth: 'serviceAccount' | 'kubeConfig') {
  const source =
    'from' in association
      ? { from: association.from }
      : { from: 'resource_attribute', name: association.attribute };
  const label = (key: string, name: string) => ({ from: 'pod', key, tag_name: name });
  return {
    auth_type: auth,
    // What comes before the pods are known would be nobody's.
    wait_for_metadata: true,
    wait_for_metadata_timeout: '30s',
    pod_association: [{ sources: [source] }],
    extract: {
      metadata: [Attribute.namespace, Attribute.pod, 'k8s.pod.uid', Attribute.container],
      labels: [
        label(Label.service, Attribute.service),
        label(Label.app, Attribute.app),
        label(Label.environmentId, Attribute.environmentId),
      ],
    },
  };
}

/**
 * `wt-shop--feat-login`: a name of an app never has two dashes in a row.
 *
 * @internal Its test tries names.
 */
export const environmentPatterns = {
  namespace: '^wt-[a-z0-9-]+?--[a-z0-9-]+$',
  environment: '^wt-([a-z0-9-]+?)--(.*)$',
  app: '^wt-([a-z0-9-]+?)--.*$',
} as const;

const unset = (name: string) => `${resource(name)} == nil`;
const isEnvironment = `IsMatch(${resource(Attribute.namespace)}, ${quoted(environmentPatterns.namespace)})`;
const copy = (to: string, from: string) =>
  `set(${resource(to)}, ${resource(from)}) where ${unset(to)} and ${resource(from)} != nil`;
const derive = (to: string, pattern: string, replacement: string) => [
  `set(${resource(to)}, ${resource(Attribute.namespace)}) where ${isEnvironment}`,
  `replace_pattern(${resource(to)}, ${quoted(pattern)}, ${quoted(replacement)}) where ${isEnvironment}`,
];

/** In a `filter`: what is neither an environment's nor the platform's. */
export const foreign = `${resource(Attribute.namespace)} != "${platformNamespace}" and not ${isEnvironment}`;

/** What follows from the pod that was found; a sender that is no pod of ours gets the platform's stream. */
const own: Statements = {
  context: 'resource',
  statements: [
    // Someone else's pod in the same cluster: neither an environment's nor the platform's.
    ...[Attribute.service, Attribute.app, Attribute.environmentId, Attribute.namespace].map(
      // The namespace is the last, as the condition asks for it.
      (name) =>
        `delete_key(resource.attributes, "${name}") where ${resource(Attribute.namespace)} != nil and ${foreign}`,
    ),
    `set(${resource(Attribute.service)}, "${unknownSender}") where ${unset(Attribute.namespace)} and ${unset(Attribute.service)}`,
    `set(${resource(Attribute.namespace)}, "${platformNamespace}") where ${unset(Attribute.namespace)}`,
    copy(Attribute.service, Attribute.container),
    copy(Attribute.service, Attribute.pod),
    copy(Attribute.container, Attribute.service),
    copy('service.instance.id', Attribute.pod),
    ...derive(Attribute.environment, environmentPatterns.environment, '$1/$2'),
    ...derive(Attribute.app, environmentPatterns.app, '$1'),
    `set(${resource(Attribute.app)}, "${platformNamespace}") where ${unset(Attribute.app)}`,
  ],
};

export const attribute: Transform = {
  error_mode: 'propagate',
  trace_statements: [
    own,
    {
      context: 'span',
      statements: [
        `set(span.attributes["${Attribute.error}"], "true") where span.status.code == STATUS_CODE_ERROR`,
      ],
    },
  ],
  metric_statements: [own],
  log_statements: [own],
};
