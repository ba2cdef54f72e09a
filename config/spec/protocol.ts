/** What a service's port may speak. `h2c` is HTTP/2 without TLS, and `grpc` is another name for it. */
export const protocols = ['http', 'h2c', 'grpc', 'tcp'] as const;
export type Protocol = (typeof protocols)[number];

/** The part of a service that decides what its port speaks. */
interface Listening {
  readonly port?: number | undefined;
  readonly protocol?: Protocol | undefined;
  readonly primary?: boolean | undefined;
  readonly paths?: readonly string[];
  readonly ready?: { readonly path: string } | undefined;
}

/**
 * Ports that are registered for, or by long habit belong to, something that is not HTTP/1.1. From
 * https://www.iana.org/assignments/service-names-port-numbers and the defaults of the programs in the comments.
 */
const usualProtocols: Readonly<Record<number, Protocol>> = {
  22: 'tcp', // SSH
  25: 'tcp', // SMTP
  53: 'tcp', // DNS
  110: 'tcp', // POP3
  143: 'tcp', // IMAP
  389: 'tcp', // LDAP
  465: 'tcp', // SMTP over TLS
  587: 'tcp', // SMTP submission
  993: 'tcp', // IMAP over TLS
  1025: 'tcp', // SMTP of MailHog, Mailpit and MailDev
  1433: 'tcp', // SQL Server
  1521: 'tcp', // Oracle
  1883: 'tcp', // MQTT
  2181: 'tcp', // ZooKeeper
  3306: 'tcp', // MySQL
  4222: 'tcp', // NATS
  5432: 'tcp', // PostgreSQL
  5672: 'tcp', // AMQP
  6379: 'tcp', // Redis
  7233: 'grpc', // Temporal
  8883: 'tcp', // MQTT over TLS
  9042: 'tcp', // Cassandra
  9092: 'tcp', // Kafka
  11211: 'tcp', // memcached
  27017: 'tcp', // MongoDB
  50051: 'grpc', // gRPC's examples
};

/** `protocol:` of a service, else what its port usually speaks unless another key needs HTTP, else HTTP. */
export function protocolOf(service: Listening): Protocol {
  const { port, protocol, primary, paths = [], ready } = service;
  if (protocol !== undefined) return protocol;
  const needsHttp = primary === true || paths.length > 0 || ready !== undefined;
  return (needsHttp || port === undefined ? undefined : usualProtocols[port]) ?? 'http';
}

/** Whether a service answers at a URL: it listens, and it speaks HTTP of some version. */
export function hasRoute(service: Listening): boolean {
  return service.port !== undefined && protocolOf(service) !== 'tcp';
}
