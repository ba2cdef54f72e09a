/**
 * Ports of the pod's program: for hosts without a route, for services without pods that speak HTTP/1.1 or HTTP/2 without
 * TLS, and for the kubelet.
 */
export const podPorts = { hosts: 8080, http: 8081, http2: 8082, health: 8083 } as const;

/** Ports of its Service. */
export const servicePorts = { hosts: 80, http: 81, http2: 82 } as const;

/** Environment variable with the port of the routes on this machine; unset where the gateway is not only there. */
export const portVariable = 'COPPICE_ROUTES_PORT';
