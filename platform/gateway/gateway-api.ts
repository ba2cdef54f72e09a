export const gatewayGroup = 'gateway.networking.k8s.io';

/**
 * What Traefik watches: a missing kind prevents all its routes from being served, as it waits for every watch to start
 * (`WatchAll` in pkg/provider/kubernetes/gateway/client.go).
 */
export const watchedKinds = [
  'backendtlspolicies',
  'gatewayclasses',
  'gateways',
  'grpcroutes',
  'httproutes',
  'referencegrants',
  'tlsroutes',
] as const;

/** Names of their definitions. */
export const gatewayApiKinds: readonly string[] = watchedKinds.map((plural) => `${plural}.${gatewayGroup}`);

/** https://doc.traefik.io/traefik/reference/install-configuration/providers/kubernetes/kubernetes-gateway/ */
export const traefikController = 'traefik.io/gateway-controller';
