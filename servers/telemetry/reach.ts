import { apiHint } from '../../cluster/kube/api-hint.ts';
import { apiServer } from '../../cluster/kube/api-server.ts';
import { type ApiServer, apiMessage, type KubeAddress } from '../../cluster/kube/client.ts';
import { CoppiceError, ExitCode, hasCode, messageOf } from '../../core/errors.ts';
import { type HttpAnswer, http } from '../../core/http.ts';
import { platformNamespace } from '../../core/labels.ts';
import { interruptedError } from '../../core/pause.ts';
import { telemetryServices } from '../../core/telemetry.ts';

/** A store of telemetry. */
export type Store = 'logs' | 'metrics' | 'traces';

/** Names of the stores for people. */
const titles: Readonly<Record<Store, string>> = {
  logs: 'VictoriaLogs',
  metrics: 'Prometheus',
  traces: 'Jaeger',
};

/** Arguments of a request; one without a value is left out, one with several is repeated. */
export type StoreQuery = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

export interface Asking {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for the whole answer. */
  readonly within?: number;
  /** GET when absent: what only reads. */
  readonly method?: 'POST';
}

/**
 * Asks one store. Each throws COPPICE_NO_TELEMETRY when the platform does not have it, COPPICE_TELEMETRY_UNREACHABLE
 * when it does not answer in time, COPPICE_TELEMETRY_REFUSED with its own words when it answers an error,
 * COPPICE_CLUSTER_DOWN, COPPICE_INTERRUPTED.
 */
export interface Asker {
  /** The answer as text. */
  text(path: string, query?: StoreQuery, asking?: Asking): Promise<string>;
  /** The answer as JSON. */
  json(path: string, query?: StoreQuery, asking?: Asking): Promise<unknown>;
  /** The answer as JSON lines. */
  lines(path: string, query?: StoreQuery, asking?: Asking): Promise<unknown[]>;
}

/** Milliseconds for an answer, unless the request says otherwise. */
const ANSWER_MS = 10_000;

/** Where a store answers, and how its failures are explained. */
interface Way {
  readonly store: Store;
  /** URL without a slash at its end, to which the paths of the store are appended. */
  readonly url: string;
  readonly tls?: ApiServer['tls'];
  /** Whether the API server stands in front. */
  readonly proxied: boolean;
}

/** A store of the platform, through the API server: works with every driver. Throws COPPICE_KUBECONFIG, COPPICE_CLUSTER_DOWN. */
export async function askThroughApi(address: KubeAddress, store: Store): Promise<Asker> {
  const { url, tls } = await apiServer(address);
  const { service, ports } = telemetryServices[store];
  const proxy = `/api/v1/namespaces/${platformNamespace}/services/${service}:${ports.query}/proxy`;
  return askerOf({ store, url: `${url}${proxy}`, tls, proxied: true });
}

/**
 * A store at a port of this machine.
 *
 * @internal Tests ask engines that are processes.
 */
export function askHere(port: number, store: Store): Asker {
  return askerOf({ store, url: `http://127.0.0.1:${port}`, proxied: false });
}

/** HTTP status of a store's refusal (COPPICE_TELEMETRY_REFUSED): 404 for a trace that it does not have. */
export function refusedWith(error: unknown): number | undefined {
  if (!hasCode(error, 'COPPICE_TELEMETRY_REFUSED')) return undefined;
  return ((error as CoppiceError).cause as HttpAnswer | undefined)?.status;
}

function askerOf(way: Way): Asker {
  const text = async (path: string, query: StoreQuery = {}, asking: Asking = {}) => {
    const answer = await answerOf(way, path, query, asking);
    if (answer.status === 200 || answer.status === 204) return answer.body;
    throw failure(way, answer);
  };
  return {
    text,
    json: async (path, query, asking) => parsed(way, await text(path, query, asking)),
    lines: async (path, query, asking) =>
      linesIn(await text(path, query, asking)).map((line) => parsed(way, line)),
  };
}

async function answerOf(
  way: Way,
  path: string,
  query: StoreQuery,
  { signal, within = ANSWER_MS, method }: Asking,
): Promise<HttpAnswer> {
  const late = AbortSignal.timeout(within);
  const until = signal === undefined ? late : AbortSignal.any([signal, late]);
  try {
    return await http(urlOf(way, path, query), {
      timeout: within,
      signal: until,
      ...(method && { method }),
      ...(way.tls && { tls: way.tls }),
    });
  } catch (error) {
    if (signal?.aborted) throw interruptedError(signal);
    if (late.aborted || hasCode(error, 'ETIMEDOUT')) throw lateError(way.store, within, error);
    throw awayError(way, error);
  }
}

function urlOf({ url }: Way, path: string, query: StoreQuery): string {
  const values = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined) values.append(name, String(one));
    }
  }
  const text = values.toString();
  return text === '' ? `${url}${path}` : `${url}${path}?${text}`;
}

function linesIn(text: string): string[] {
  return text.split('\n').filter((line) => line.trim() !== '');
}

function parsed({ store }: Way, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const message = `${titles[store]} answers what is no JSON: ${shortened(text)}`;
    throw new CoppiceError('COPPICE_TELEMETRY_UNREACHABLE', message, { hint: 'run `wt doctor`', cause });
  }
}

/** The `Status` with which the API server itself answers, as far as we read it. */
interface ApiStatus {
  readonly kind: 'Status';
  readonly reason?: string;
  readonly details?: { readonly kind?: string };
}

/** Undefined for an answer of the store. */
function apiStatusOf({ proxied }: Way, { body }: HttpAnswer): ApiStatus | undefined {
  if (!proxied) return undefined;
  try {
    const status = JSON.parse(body) as Partial<ApiStatus> & { readonly apiVersion?: string };
    return status.kind === 'Status' && status.apiVersion === 'v1' ? (status as ApiStatus) : undefined;
  } catch {
    return undefined;
  }
}

function failure(way: Way, answer: HttpAnswer): CoppiceError {
  const status = apiStatusOf(way, answer);
  if (status !== undefined) return apiError(way, answer, status);
  const said = wordsIn(answer.body);
  const message = `${titles[way.store]} answers ${answer.status}${said === '' ? '' : `: ${said}`}`;
  const ours = answer.status >= 500;
  return new CoppiceError('COPPICE_TELEMETRY_REFUSED', message, {
    hint: ours ? 'run `wt doctor`' : 'correct what was asked for',
    exitCode: ours ? ExitCode.problem : ExitCode.usage,
    cause: answer,
  });
}

function apiError({ store }: Way, answer: HttpAnswer, { details }: ApiStatus): CoppiceError {
  const { service } = telemetryServices[store];
  if (answer.status === 404 && (details?.kind === 'services' || details?.kind === 'namespaces')) {
    return new CoppiceError('COPPICE_NO_TELEMETRY', `the platform of this cluster has no ${titles[store]}`, {
      hint: 'write `telemetry: {}` into coppice.yaml and run `wt up`, or run `wt platform up --with telemetry`',
    });
  }
  const said = apiMessage({ body: answer.body });
  if (answer.status >= 500) {
    return new CoppiceError('COPPICE_TELEMETRY_UNREACHABLE', `${titles[store]} is not ready: ${said}`, {
      hint: `run \`wt platform status\`, or \`kubectl -n ${platformNamespace} logs deploy/${service}\``,
    });
  }
  const error = Object.assign(new Error(said), { code: answer.status, body: answer.body });
  return new CoppiceError('COPPICE_CLUSTER', `${titles[store]} cannot be asked: ${said}`, {
    hint: apiHint(error),
    exitCode: ExitCode.unreachable,
  });
}

function lateError(store: Store, within: number, cause: unknown): CoppiceError {
  const message = `${titles[store]} does not answer within ${within / 1000} s`;
  const hint = 'ask for less (a shorter `--since`), or run `wt platform status`';
  return new CoppiceError('COPPICE_TELEMETRY_UNREACHABLE', message, { hint, cause });
}

function awayError({ store, proxied }: Way, cause: unknown): CoppiceError {
  if (proxied) {
    const message = `the cluster does not answer: ${messageOf(cause)}`;
    return new CoppiceError('COPPICE_CLUSTER_DOWN', message, { hint: 'run `wt cluster status`', cause });
  }
  const message = `${titles[store]} does not answer: ${messageOf(cause)}`;
  return new CoppiceError('COPPICE_TELEMETRY_UNREACHABLE', message, {
    hint: 'run `wt platform status`',
    cause,
  });
}

/** What a store says about an error: Prometheus and Jaeger as JSON, VictoriaLogs as text behind its time and address. */
function wordsIn(body: string): string {
  try {
    const { error, errors, message } = JSON.parse(body) as {
      readonly error?: unknown;
      readonly errors?: readonly { readonly msg?: string }[];
      readonly message?: unknown;
    };
    const [said] = [error, errors?.[0]?.msg, message].filter((one) => typeof one === 'string');
    if (said !== undefined) return shortened(said);
  } catch {
    // It is text.
  }
  return shortened(body.trim());
}

/** Characters of a foreign text in a message of ours. */
const MESSAGE_LENGTH = 400;

function shortened(text: string): string {
  return text.length <= MESSAGE_LENGTH ? text : `${text.slice(0, MESSAGE_LENGTH)}…`;
}
