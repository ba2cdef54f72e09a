/** Name of the Secret whose key `password` the gateway shows, and which signs the tokens of this machine's processes. */
export const gatewayTokenName = 'collector-gateway';
