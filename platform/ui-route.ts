import { answersHere } from '../core/ingress.ts';
import { gateway, Header, platformNamespace } from '../core/labels.ts';
import type { ClusterRecord } from '../core/state/cluster-record.ts';
import type { HttpRouteSpec, RouteMatch } from '../resources/kubernetes-object.ts';
import type { PartObject, PartPlan } from './part.ts';

/** A UI without logins: it has a route only where the gateway is on this machine. */
export interface Ui {
  readonly host: string;
  /** Its Service. */
  readonly service: string;
  readonly port: number;
  /** What only reads. Nothing else is routed. */
  readonly matches: readonly RouteMatch[];
  /** Answers 200 once its server is ready. */
  readonly readyPath: string;
}

export function hasUi({ ingress }: Pick<ClusterRecord, 'ingress'>): boolean {
  return answersHere(ingress);
}

export function uiRoute({ host, service, port, matches }: Ui): PartObject<'HTTPRoute'> {
  const spec: HttpRouteSpec = {
    parentRefs: [{ name: gateway.name, namespace: platformNamespace, sectionName: gateway.listener }],
    hostnames: [host],
    rules: [
      {
        matches,
        filters: [
          {
            type: 'ResponseHeaderModifier',
            responseHeaderModifier: {
              set: Object.entries(headersOf(service)).map(([name, value]) => ({ name, value })),
              // With it any page in a browser on this machine could read what environments logged.
              remove: ['Access-Control-Allow-Origin'],
            },
          },
        ],
        backendRefs: [{ name: service, port }],
      },
    ],
  };
  return { kind: 'HTTPRoute', name: service, body: { spec } };
}

/** The answer that shows that the route works. */
export function expectedUi({ host, service, readyPath }: Ui): NonNullable<PartPlan['route']> {
  return { host, path: readyPath, headers: headersOf(service) };
}

/** Distinguish answers of a route from those of a Traefik that does not know it yet. */
function headersOf(service: string): Readonly<Record<string, string>> {
  return { [Header.platform]: service };
}
