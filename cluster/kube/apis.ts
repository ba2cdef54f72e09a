/** The heavy half of the Kubernetes client (0.1 s to load when bundled): only client.ts loads it, when first needed. */
export {
  ApiException,
  AppsV1Api,
  BatchV1Api,
  CoreV1Api,
  CustomObjectsApi,
  Exec,
  KubeConfig,
  Log,
  PatchStrategy,
  PortForward,
  setHeaderOptions,
} from '@kubernetes/client-node';
