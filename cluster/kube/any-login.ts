import type { RequestOptions } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';
import { type ApiServer, type KubeAddress, readConfig } from './client.ts';

/** Tokens, programs that print one, files: every login that the Kubernetes client knows. Throws COPPICE_KUBECONFIG. */
export async function anyLogin(address: KubeAddress): Promise<ApiServer> {
  const config = readConfig(new KubeConfig(), address);
  const tls: RequestOptions = {};
  await config.applyToHTTPSOptions(tls);
  const url = config.getCurrentCluster()?.server.replace(/\/$/, '') ?? '';
  return { url, tls };
}
