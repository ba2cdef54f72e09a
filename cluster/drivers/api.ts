import type { RequestOptions } from 'node:https';
import { hasCode } from '../../core/errors.ts';
import { http } from '../../core/http.ts';
import { requireHere } from '../kube/here.ts';

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

/** Whether the API server reports that it is ready. Throws when it does not answer. */
export async function apiAnswers(target: ApiTarget): Promise<boolean> {
  return (await callApi(target, '/readyz', { timeout: 2_000 })).status === 200;
}

/** One call to the API server. Throws when it does not answer; every HTTP status is an answer. */
export async function callApi(target: ApiTarget, path: string, call: ApiCall = {}): Promise<ApiAnswer> {
  requireHere(target);
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  config.loadFromFile(target.kubeconfig);
  config.setCurrentContext(target.context);
  const server = config.getCurrentCluster()?.server;
  if (server === undefined) throw new Error(`${target.kubeconfig} has no context ${target.context}`);
  const tls: RequestOptions = {};
  await config.applyToHTTPSOptions(tls);
  const { method = 'GET', body: json, timeout = 5_000 } = call;
  const headers = { accept: 'application/json' };
  const url = `${server.replace(/\/$/, '')}${path}`;
  return http(url, { method, headers, json, timeout, tls }).catch((error: unknown) => {
    throw hasCode(error, 'ETIMEDOUT')
      ? new Error(`no answer from ${server} in time`, { cause: error })
      : error;
  });
}
