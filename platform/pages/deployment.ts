import type { core } from '@pulumi/kubernetes/types/input.js';
import { hashOf } from '../../core/hash.ts';
import { gateway, Header, Label, platformNamespace } from '../../core/labels.ts';
import { partFacts } from '../../core/part-facts.ts';
import type { HttpRouteSpec, Kinds } from '../../resources/kubernetes-object.ts';
import type { PodException } from '../pod-exception.ts';
import { podPorts, portVariable, servicePorts } from './ports.ts';

export interface PagesArgs {
  /** Image reference of node. */
  readonly image: string;
  /** Text of the program, one file. */
  readonly program: string;
  /** Port of the routes on this machine; absent where others reach the gateway too. */
  readonly port?: number;
}

export const { service: pagesName } = partFacts.pages;

export const pagesException: PodException = {
  // It watches routes, services and endpoints, and writes endpoints.
  serviceAccountToken: true,
  hostNetwork: false,
  capabilities: [],
};

const user = 1000;
const folder = '/opt/coppice';
const programFile = 'pages.cjs';

export function pagesFile({ program }: PagesArgs): Record<string, string> {
  return { [programFile]: program };
}

/** For hosts that no environment has: without hostnames every other route comes before it. */
export const pagesRoute: HttpRouteSpec = {
  parentRefs: [{ name: gateway.name, namespace: platformNamespace, sectionName: gateway.listener }],
  rules: [
    {
      matches: [{ path: { type: 'PathPrefix', value: '/' } }],
      filters: [
        {
          type: 'ResponseHeaderModifier',
          responseHeaderModifier: { set: [{ name: Header.platform, value: pagesName }] },
        },
      ],
      backendRefs: [{ name: pagesName, port: servicePorts.hosts }],
    },
  ],
};

export const pagesService: Kinds['Service'] = {
  spec: {
    selector: { [Label.service]: pagesName },
    ports: [
      { name: 'hosts', port: servicePorts.hosts, targetPort: podPorts.hosts, protocol: 'TCP' },
      { name: 'http', port: servicePorts.http, targetPort: podPorts.http, protocol: 'TCP' },
      { name: 'h2c', port: servicePorts.http2, targetPort: podPorts.http2, protocol: 'TCP' },
    ],
  },
};

export function pagesPod({ image, port }: PagesArgs): core.v1.PodSpec {
  const health = { httpGet: { path: '/', port: podPorts.health } };
  return {
    serviceAccountName: pagesName,
    automountServiceAccountToken: pagesException.serviceAccountToken,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 3,
    securityContext: { runAsUser: user, runAsGroup: user, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name: pagesName,
        image,
        imagePullPolicy: 'IfNotPresent',
        command: ['node', ...nodeFlags, `${folder}/${programFile}`],
        env: port === undefined ? [] : [{ name: portVariable, value: String(port) }],
        startupProbe: { ...health, periodSeconds: 1, failureThreshold: 60 },
        // Seldom: it costs more than the program itself does at rest.
        readinessProbe: { ...health, periodSeconds: 10, failureThreshold: 2 },
        resources: { requests: { cpu: '10m', memory: '48Mi' }, limits: { cpu: '1', memory: '192Mi' } },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
        volumeMounts: [{ name: 'program', mountPath: folder, readOnly: true }],
      },
    ],
    volumes: [{ name: 'program', configMap: { name: pagesName } }],
  };
}

/** V8 would let its heap grow to a quarter of the machine before it collects. */
const nodeFlags = ['--max-old-space-size=64', '--max-semi-space-size=1'];

export function pagesHash(args: PagesArgs): string {
  return hashOf([pagesPod(args), pagesFile(args)]);
}
