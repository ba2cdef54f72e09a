import { z } from 'zod';

/** A user's choices, `$XDG_CONFIG_HOME/coppice/config.yaml`. Every key is optional. */
export const settingsSchema = z.strictObject({
  driver: z
    .enum(['embedded', 'k3d', 'existing'])
    .optional()
    .describe('How a cluster is had; chosen by the machine when absent.'),
  embedded: z
    .strictObject({
      dataFolder: z.string().default('/var/lib/coppice').describe('Data of the cluster; survives a reboot.'),
      runFolder: z
        .string()
        .default('/run/coppice')
        .describe('Sockets, pids and mounts; gone after a reboot.'),
      bridge: z
        .string()
        .max(15)
        .default('coppice0')
        .describe('Network bridge of the pods; its address is the node.'),
      podCidr: z
        .string()
        .default('10.213.0.0/16')
        .describe('Addresses of the pods; the bridge takes the first.'),
      serviceCidr: z.string().default('10.214.0.0/16').describe('Addresses of the services.'),
      apiPort: z.int().min(1).max(65535).default(6443).describe('Port of the API server, on the bridge.'),
    })
    .prefault({}),
  existing: z
    .strictObject({
      context: z.string().describe('Context of the kubeconfig.'),
      kubeconfig: z
        .string()
        .optional()
        .describe('Path of the kubeconfig; KUBECONFIG or ~/.kube/config when absent.'),
      mountPath: z
        .string()
        .startsWith('/')
        .optional()
        .describe('Folder on the nodes under which the folders of this machine lie at their own path.'),
    })
    .optional(),
  ports: z
    .strictObject({
      http: z.int().min(1).max(65535).default(80).describe('Port of all routes, on 127.0.0.1 and ::1.'),
    })
    .prefault({}),
});
export type Settings = z.infer<typeof settingsSchema>;
