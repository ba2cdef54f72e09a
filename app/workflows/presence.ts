import { messageOf } from '../../core/errors.ts';
import { type HttpAnswer, http } from '../../core/http.ts';
import { Header } from '../../core/labels.ts';
import { temporalHost } from '../../core/names.ts';

/** The namespace that an environment's last `up` recorded, and where it can be queried without gRPC. */
export interface KeptNamespace {
  readonly name: string;
  /** A namespace that was recreated under the same name has another one. */
  readonly id: string;
  /** Port of all routes on 127.0.0.1: the server's UI is behind one of them. */
  readonly httpPort: number;
}

const patienceMs = 2_000;

/**
 * Why a namespace is not the recorded one, for people; undefined when it is. One GET, which the server answers from
 * disk. Never throws.
 */
export async function namespaceProblem(kept: KeptNamespace): Promise<string | undefined> {
  const { name, id } = kept;
  const answer = await describe(kept).catch(messageOf);
  if (typeof answer === 'string') return `the Temporal namespace ${name} cannot be checked: ${answer}`;
  const { status, headers, body } = answer;
  // A page of ours is no word of the server: there is no route to it, or it does not run.
  if (headers[Header.page.toLowerCase()] !== undefined)
    return `the Temporal namespace ${name} cannot be checked: the server does not answer`;
  if (status === 404) return `the Temporal namespace ${name} is gone`;
  if (status !== 200) return `the Temporal namespace ${name} cannot be checked: the server answers ${status}`;
  const { namespaceInfo } = parsed(body);
  if (namespaceInfo?.id !== id) return `the Temporal namespace ${name} is not the one from the last up`;
  // A namespace that is being deleted keeps its name and its id for a moment.
  const usable = namespaceInfo.state === 'NAMESPACE_STATE_REGISTERED';
  return usable ? undefined : `the Temporal namespace ${name} is being deleted`;
}

/**
 * The UI passes the frontend's answers on as JSON. Names under `.localhost` do not resolve everywhere, so the host is
 * only a header.
 */
function describe({ name, httpPort }: KeptNamespace): Promise<HttpAnswer> {
  const url = `http://127.0.0.1:${httpPort}/api/v1/namespaces/${encodeURIComponent(name)}`;
  return http(url, { headers: { host: temporalHost }, timeout: patienceMs });
}

interface Described {
  readonly namespaceInfo?: { readonly id?: string; readonly state?: string };
}

function parsed(body: string): Described {
  try {
    return JSON.parse(body) as Described;
  } catch {
    return {};
  }
}
