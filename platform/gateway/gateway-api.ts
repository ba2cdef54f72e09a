/** Version of the Gateway API whose definitions are installed: https://gateway-api.sigs.k8s.io */
export const gatewayApiVersion = '1.5.1';

/**
 * What Traefik watches: a kind that is missing keeps all its routes from being served, as it waits for every watch to
 * begin (`WatchAll` in pkg/provider/kubernetes/gateway/client.go).
 */
export const gatewayApiKinds: readonly string[] = [
  'backendtlspolicies',
  'gatewayclasses',
  'gateways',
  'grpcroutes',
  'httproutes',
  'referencegrants',
  'tlsroutes',
].map((plural) => `${plural}.gateway.networking.k8s.io`);

/** https://doc.traefik.io/traefik/reference/install-configuration/providers/kubernetes/kubernetes-gateway/ */
export const traefikController = 'traefik.io/gateway-controller';
