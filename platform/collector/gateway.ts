import { Header } from '../../core/labels.ts';
import { Attribute } from '../../core/telemetry.ts';
import { quoted, resource, type Transform } from './attribution.ts';

/**
 * The gateway's spans. Each request has two: one for what the client asked, one for what Traefik asked the pod. The
 * route sets headers on each answer, in place of an app's own of that name; they say whose the first span is. The second
 * has the address of the pod. Names of Traefik's routers do not serve: two dashes are one there, so
 * `wt-shop--a` with a service `b-web` and `wt-shop--a-b` with a service `web` have the same.
 */
const gatewayService = 'gateway';

/** Attributes of a span, for as long as its resource is not its own. */
const carried = { environment: 'coppice.gateway.environment', service: 'coppice.gateway.service' } as const;
export const podAddress = 'k8s.pod.ip';
/** Spans are grouped by these: they become attributes of the resource. */
export const gatewayKeys: readonly string[] = [...Object.values(carried), podAddress];

const answered = (header: string) => `span.attributes["http.response.header.${header.toLowerCase()}"]`;
const span = (name: string) => `span.attributes["${name}"]`;
const said = (name: string, header: string) => [
  `set(${span(name)}, ${answered(header)}[0]) where ${answered(header)} != nil`,
  `delete_key(span.attributes, "http.response.header.${header.toLowerCase()}")`,
];

/** Before they are grouped. */
export const gatewaySpans: Transform = {
  error_mode: 'propagate',
  trace_statements: [
    {
      // Its arguments have the token, for one.
      context: 'resource',
      statements: ['keep_keys(resource.attributes, ["service.version"])'],
    },
    {
      context: 'span',
      statements: [
        ...said(carried.environment, Header.environment),
        ...said(carried.service, Header.service),
        `set(${span(podAddress)}, ${span('network.peer.address')}) where span.kind == SPAN_KIND_CLIENT`,
      ],
    },
  ],
};

const environment = resource(carried.environment);
const named = `${environment} != nil and IsMatch(${environment}, ${quoted('^[a-z0-9-]+/[a-z0-9-]+; id=')})`;

/** After they were grouped, and before the pod is looked for. */
export const gatewayResource: Transform = {
  error_mode: 'propagate',
  trace_statements: [
    {
      context: 'resource',
      statements: [
        `set(${resource(Attribute.namespace)}, ${environment}) where ${named}`,
        `replace_pattern(${resource(Attribute.namespace)}, ${quoted('^([^/]+)/([^;]+);.*$')}, ${quoted('wt-$1--$2')}) where ${named}`,
        `set(${resource(Attribute.environmentId)}, ${environment}) where ${named}`,
        `replace_pattern(${resource(Attribute.environmentId)}, ${quoted('^.*; id=')}, "") where ${named}`,
        `set(${resource(Attribute.service)}, ${resource(carried.service)}) where ${resource(carried.service)} != nil`,
        `delete_matching_keys(resource.attributes, ${quoted('^coppice\\.gateway\\.')})`,
      ],
    },
  ],
};

/** After the pod was looked for: requests for hosts of the platform, and to pods that are gone. */
export const gatewayRest: Transform = {
  error_mode: 'propagate',
  trace_statements: [
    {
      context: 'resource',
      statements: [
        `set(${resource(Attribute.service)}, "${gatewayService}") where ${resource(Attribute.service)} == nil`,
        `set(${resource(Attribute.container)}, "${gatewayService}") where ${resource(Attribute.container)} == nil`,
        `delete_key(resource.attributes, "${podAddress}")`,
      ],
    },
  ],
};
