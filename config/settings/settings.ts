import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { CoppiceError, messageOf } from '../../core/errors.ts';
import { byPublishedPart, byVolumeKey, partFacts } from '../../core/part-facts.ts';
import { isMap } from '../yaml/data.ts';
import type { Finding } from '../yaml/document.ts';
import { parseYaml } from '../yaml/document.ts';
import { findingsOf } from '../yaml/issues.ts';
import { FileError } from '../yaml/problems.ts';
import { withText } from '../yaml/text.ts';
import { managedTemporal } from './temporal.ts';
import { absolute, port, secretSource, volume } from './values.ts';

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
      apiPort: port.default(6443).describe('Port of the API server, on the bridge.'),
      databaseGiB: z
        .int()
        .min(1)
        .max(16_384)
        .default(64)
        .describe('Largest size of the volume for databases, where one is made; it grows as it is filled.'),
    })
    .prefault({}),
  k3d: z
    .strictObject({
      name: z
        .string()
        // k3d allows 32 characters and takes some itself for the names of its containers.
        .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'must be lower-case letters, digits and single hyphens')
        .max(32)
        .default('coppice')
        .describe('What k3d calls the cluster; Docker volumes and containers are named after it.'),
      servers: z.int().min(1).default(1).describe('Nodes that are part of the control plane.'),
      agents: z.int().min(0).default(0).describe('Nodes besides those.'),
      roots: z
        .array(absolute)
        .min(1)
        .optional()
        .describe(
          "Folders of this machine that the nodes see, with all worktrees below them; the user's own folder when absent.",
        ),
      registryPort: port
        // Port 5000 is taken on macOS, by AirPlay.
        .refine((value) => value !== 5000, 'port 5000 is taken by other programs on many machines')
        .default(5111)
        .describe('Port of the image registry on 127.0.0.1.'),
      image: z
        .string()
        .min(1)
        .optional()
        .describe('Image of the nodes; a k3s of our Kubernetes version when absent.'),
      loadBalancer: z
        .boolean()
        .default(true)
        .describe(
          "k3d's load balancer in front of the nodes; without it the first server takes all connections.",
        ),
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
      ingress: z
        .enum(['load-balancer', 'node-port', 'host-loopback'])
        .default('load-balancer')
        .describe('How routes are reached; host-loopback where this machine is the node, on its 127.0.0.1.'),
      images: z
        .record(z.string(), z.string())
        .default({})
        .describe(
          'Image of a catalogue name (node, traefik) where the cluster cannot pull the upstream one.',
        ),
      ...byVolumeKey((part) => {
        const {
          title,
          volume: { size },
        } = partFacts[part];
        return volume.default({ size }).describe(`Where ${title} of this cluster keeps its data.`);
      }),
    })
    .optional(),
  ports: z
    .strictObject({
      http: port
        .default(80)
        .describe('Port of all routes, on 127.0.0.1; with the embedded cluster also on ::1.'),
      https: port
        .default(443)
        .describe(
          'Kept for routes by TLS on 127.0.0.1, where nothing answers yet; with k3d only, and left out where it is taken.',
        ),
      ...byPublishedPart((part) => {
        const {
          title,
          port: { here },
        } = partFacts[part];
        return port
          .default(here)
          .describe(`Port of ${title} on 127.0.0.1, with k3d and where ingress is host-loopback.`);
      }),
    })
    .prefault({}),
  databases: z
    .strictObject({
      managed: z
        .strictObject({
          url: secretSource.describe(
            'Where its URL is found: postgres://user:password@host:5432/postgres?sslmode=require.',
          ),
          cluster: z
            .strictObject({
              host: z.string().min(1),
              port: port.default(5432),
            })
            .optional()
            .describe('Where pods reach it, if not where this machine does.'),
          resources: z
            .literal('postgresql')
            .optional()
            .describe('Roles, databases and grants as resources of @pulumi/postgresql instead of our own.'),
        })
        .optional()
        .describe('The PostgreSQL of specs that say `server: managed`.'),
    })
    .optional(),
  temporal: z
    .strictObject({
      managed: managedTemporal
        .optional()
        .describe('The Temporal server of specs that say `server: managed`.'),
    })
    .optional(),
});
export type Settings = z.infer<typeof settingsSchema>;

/**
 * The user's choices, defaults for what is absent; all defaults when there is no such file or nothing in it.
 * Throws FileError (COPPICE_SETTINGS) with every problem in it.
 */
export async function loadSettings(file: string): Promise<Settings> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return settingsSchema.parse({});
    throw new CoppiceError('COPPICE_SETTINGS', `${file} cannot be read: ${messageOf(cause)}`, { cause });
  }
  return parseSettings(text, file);
}

export function parseSettings(text: string, file: string): Settings {
  const yaml = parseYaml(text, file);
  const data = yaml.data === null ? {} : withText(yaml, settingsSchema);
  const parsed = settingsSchema.safeParse(data);
  const findings: Finding[] = [];
  if (!isMap(data) && yaml.problems.length === 0) {
    findings.push({ path: [], at: 'value', message: 'the file must be a map of keys and values' });
  } else if (isMap(data) && !parsed.success) {
    findings.push(...findingsOf(parsed.error.issues, data, settingsSchema));
  }
  const problems = [...yaml.problems, ...findings.map(yaml.problem)];
  if (problems.length > 0 || !parsed.success) throw new FileError('COPPICE_SETTINGS', problems);
  return parsed.data;
}
