import { request } from 'node:https';

export interface ApiAnswer {
  readonly status: number;
  readonly body: string;
}

export interface ApiTarget {
  readonly kubeconfig: string;
  readonly context: string;
}

export interface ApiCall {
  readonly method?: 'GET' | 'POST' | 'PUT';
  readonly body?: object;
  /** Milliseconds. */
  readonly timeout?: number;
}

/** Whether the API server says that it is ready. Throws when it does not answer. */
export async function apiAnswers(target: ApiTarget): Promise<boolean> {
  return (await callApi(target, '/readyz', { timeout: 2_000 })).status === 200;
}

/** One call to the API server. Throws when it does not answer; every HTTP status is an answer. */
export async function callApi(target: ApiTarget, path: string, call: ApiCall = {}): Promise<ApiAnswer> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  config.loadFromFile(target.kubeconfig);
  config.setCurrentContext(target.context);
  const server = config.getCurrentCluster()?.server;
  if (server === undefined) throw new Error(`${target.kubeconfig} has no context ${target.context}`);
  const options: Parameters<typeof request>[1] = {};
  await config.applyToHTTPSOptions(options);
  const body = call.body === undefined ? undefined : JSON.stringify(call.body);
  return new Promise((resolve, reject) => {
    const sent = request(
      `${server.replace(/\/$/, '')}${path}`,
      {
        ...options,
        method: call.method ?? 'GET',
        timeout: call.timeout ?? 5_000,
        headers: {
          ...options.headers,
          accept: 'application/json',
          ...(body ? { 'content-type': 'application/json' } : {}),
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
        );
      },
    );
    sent.on('timeout', () => sent.destroy(new Error(`no answer from ${server} in time`)));
    sent.on('error', reject);
    sent.end(body);
  });
}
