import type { ChannelCredentials, ChannelOptions, Client, Metadata } from '@grpc/grpc-js';
import { CoppiceError, messageOf } from '../../../core/errors.ts';
import { interruptedError } from '../../../core/pause.ts';
import { retry } from '../../../core/until.ts';
import type { Frontend, Temporal } from '../types.ts';
import { callError, detailsOf, status, statusOf } from './grpc-error.ts';

const connectMilliseconds = 5000;
/** Deadline of one call. Our slowest, DeleteNamespace, takes 70-190 ms. */
const callMilliseconds = 10_000;

/**
 * Connects and checks that the server answers, within 5 seconds. Every call throws COPPICE_TEMPORAL_UNREACHABLE (exit
 * code 3), COPPICE_TEMPORAL_DENIED, COPPICE_INTERRUPTED once the signal is aborted, and COPPICE_TEMPORAL with the
 * server's own words for what it refuses.
 */
export async function connectTemporal(frontend: Frontend, signal?: AbortSignal): Promise<Temporal> {
  if (signal?.aborted) throw interruptedError(signal);
  const modules = await load();
  const { address, apiKey } = frontend;
  const client = new modules.grpc.Client(address, credentials(modules, frontend), channelOptions(frontend));
  const metadata = new modules.grpc.Metadata();
  if (apiKey !== undefined) metadata.set('authorization', `Bearer ${apiKey}`);
  const connection: Connection = { frontend, modules, client, metadata };
  try {
    await services(connection, signal, connectMilliseconds).workflow.getSystemInfo({});
  } catch (error) {
    client.close();
    throw error;
  }
  return services(connection, signal, callMilliseconds);
}

/** Temporal's messages are 1.4 MB of JSON and take 90 ms: loaded on the first connection, not on import. */
async function load() {
  const [{ default: proto }, { default: grpc }] = await Promise.all([
    import('@temporalio/proto'),
    import('@grpc/grpc-js'),
  ]);
  const { workflowservice, operatorservice } = proto.temporal.api;
  return { grpc, workflowservice: workflowservice.v1, operatorservice: operatorservice.v1 };
}
type Modules = Awaited<ReturnType<typeof load>>;

function credentials({ grpc }: Modules, { address, tls, apiKey }: Frontend): ChannelCredentials {
  if (!tls && apiKey === undefined) return grpc.credentials.createInsecure();
  const bytes = (text: string | undefined) => (text === undefined ? null : Buffer.from(text));
  try {
    return grpc.credentials.createSsl(bytes(tls?.ca), bytes(tls?.key), bytes(tls?.cert));
  } catch (cause) {
    throw new CoppiceError(
      'COPPICE_TEMPORAL_DENIED',
      `the certificates for Temporal at ${address} cannot be used: ${messageOf(cause)}`,
      { hint: 'they are PEM files, named in the settings under `temporal.managed.tls`', cause },
    );
  }
}

function channelOptions({ address, tls }: Frontend): ChannelOptions {
  return {
    // Histories come in one message, up to 50 MB of events.
    'grpc.max_receive_message_length': 64 * 1024 * 1024,
    // A shared pool would still wait to retry because of an earlier connection that failed.
    'grpc.use_local_subchannel_pool': 1,
    // A server on this machine is not reached through http_proxy.
    'grpc.enable_http_proxy': /^(127\.|localhost:|\[::1\])/.test(address) ? 0 : 1,
    ...(tls?.serverName === undefined ? {} : { 'grpc.ssl_target_name_override': tls.serverName }),
  };
}

interface Connection {
  readonly frontend: Frontend;
  readonly modules: Modules;
  readonly client: Client;
  readonly metadata: Metadata;
}

function services(connection: Connection, signal: AbortSignal | undefined, milliseconds: number): Temporal {
  const { client, modules } = connection;
  const caller = (service: string, namespace: string | undefined) => {
    const about =
      namespace === undefined ? connection : { ...connection, metadata: naming(connection, namespace) };
    return (
      method: { readonly name: string },
      request: Uint8Array,
      done: (error: Error | null, response?: Uint8Array) => void,
    ) => {
      call(about, `/${service}/${method.name}`, request, signal, Date.now() + milliseconds).then(
        (response) => done(null, response),
        done,
      );
    };
  };
  return {
    workflow: byNamespace((namespace) =>
      modules.workflowservice.WorkflowService.create(
        caller('temporal.api.workflowservice.v1.WorkflowService', namespace),
      ),
    ),
    operator: byNamespace((namespace) =>
      modules.operatorservice.OperatorService.create(
        caller('temporal.api.operatorservice.v1.OperatorService', namespace),
      ),
    ),
    under: (other) => services(connection, other, milliseconds),
    close: () => client.close(),
  };
}

/** A service that passes each call to an instance for the request's namespace. */
function byNamespace<Service extends object>(make: (namespace: string | undefined) => Service): Service {
  return new Proxy(make(undefined), {
    get: (general, name) => {
      if (typeof Reflect.get(general, name) !== 'function') return Reflect.get(general, name);
      return (request: { readonly namespace?: string }, ...more: unknown[]) => {
        const service = make(request?.namespace || undefined);
        const method = Reflect.get(service, name) as (...values: unknown[]) => unknown;
        return method.call(service, request, ...more);
      };
    },
  });
}

/** Temporal Cloud routes by this header; Temporal's own clients send it too. */
function naming({ metadata }: Connection, namespace: string): Metadata {
  const named = metadata.clone();
  // A managed server may have names that no header can carry; ours are never among them.
  if (/^[\x21-\x7e]+$/.test(namespace)) named.set('temporal-namespace', namespace);
  return named;
}

/** Retries while the server is busy. */
async function call(
  connection: Connection,
  path: string,
  request: Uint8Array,
  signal: AbortSignal | undefined,
  deadline: number,
): Promise<Uint8Array> {
  try {
    return await retry(() => callOnce(connection, path, request, signal, deadline), {
      again: (error, attempts) => isBusy(error) && Date.now() + backOff(attempts) <= deadline,
      // Jitter, so that calls refused together do not all retry at the same moment.
      every: ({ attempts }) => backOff(attempts) * (0.5 + Math.random()),
      signal,
    });
  } catch (error) {
    if (signal?.aborted) throw interruptedError(signal);
    throw callError(connection.frontend, path.slice(path.lastIndexOf('/') + 1), error);
  }
}

/** Milliseconds: 50, 100, 200, ... */
function backOff(attempts: number): number {
  return 25 * 2 ** attempts;
}

/**
 * The server accepts 20 namespace changes a second, and of two at the same moment, to whatever namespaces, it refuses
 * one: `UpdateNamespace: conditional update error: expect: 1113, actual: 1114`, with the status of an unavailable
 * server (1.32.0). A call refused for these reasons has changed nothing.
 */
function isBusy(error: unknown): boolean {
  const code = statusOf(error);
  if (code === status.resourceExhausted) return true;
  return code === status.unavailable && detailsOf(error).includes('conditional update error');
}

function callOnce(
  { client, metadata }: Connection,
  path: string,
  request: Uint8Array,
  signal: AbortSignal | undefined,
  deadline: number,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const running = client.makeUnaryRequest(
      path,
      (bytes: Uint8Array) => Buffer.from(bytes),
      (bytes) => bytes,
      request,
      metadata,
      { deadline },
      (error, response) => {
        signal?.removeEventListener('abort', cancel);
        if (error) reject(error);
        else resolve(response ?? new Uint8Array());
      },
    );
    const cancel = () => running.cancel();
    signal?.addEventListener('abort', cancel, { once: true });
  });
}
