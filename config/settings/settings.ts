import { z } from 'zod';
import { CoppiceError, messageOf } from '../../core/errors.ts';
import { readIfPresent } from '../../core/files.ts';
import { byPublishedPart, byVolumeKey, partFacts } from '../../core/part-facts.ts';
import { paths } from '../../core/paths.ts';
import { isMap } from '../yaml/data.ts';
import type { Finding } from '../yaml/document.ts';
import { parseYaml } from '../yaml/document.ts';
import { findingsOf } from '../yaml/issues.ts';
import { FileError } from '../yaml/problems.ts';
import { withText } from '../yaml/text.ts';
import { managedTemporal } from './temporal.ts';
import { absolute, port, secretSource, volume } from './values.ts';

/** What `worktrees.path` may contain in braces. */
export const placeVariables = ['repository', 'slug', 'branch', 'home'] as const;

function unknownVariable(path: string): string | undefined {
  const names = [...path.matchAll(/\{([^}]*)\}?/g)];
  return names.find(([, name]) => !(placeVariables as readonly (string | undefined)[]).includes(name))?.[0];
}

const agent = z.strictObject({
  command: z.array(z.string().min(1)).min(1).describe('Program and arguments.'),
  prompt: z
    .string()
    .default('argument')
    .describe('How it gets the prompt: `argument` for the last one, or an option such as --message.'),
});

/** A user's choices, `$XDG_CONFIG_HOME/coppice/config.yaml`. Every key is optional. */
export const settingsSchema = z.strictObject({
  driver: z
    .enum(['embedded', 'k3d', 'existing'])
    .optional()
    .describe('Which kind of cluster to use. Default: decided by what this machine has.'),
  embedded: z
    .strictObject({
      dataFolder: z.string().default('/var/lib/coppice').describe("The cluster's data; survives a reboot."),
      runFolder: z.string().default('/run/coppice').describe('Sockets, pids and mounts; lost on a reboot.'),
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
        .describe('Largest size of the volume for databases, where one is created; it grows as it fills.'),
    })
    .prefault({}),
  k3d: z
    .strictObject({
      name: z
        .string()
        // k3d allows 32 characters, and its names of containers need some of them.
        .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'must be lower-case letters, digits and single hyphens')
        .max(32)
        .default('coppice')
        .describe("The cluster's name in k3d; Docker volumes and containers are named after it."),
      servers: z.int().min(1).default(1).describe('Nodes that are part of the control plane.'),
      agents: z.int().min(0).default(0).describe('Further nodes.'),
      roots: z
        .array(absolute)
        .min(1)
        .optional()
        .describe(
          "Folders of this machine that the nodes see, with all worktrees below them. Default: the user's home folder.",
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
        .describe('Image of the nodes. Default: a k3s with our Kubernetes version.'),
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
        .describe('Path of the kubeconfig. Default: KUBECONFIG or ~/.kube/config.'),
      mountPath: z
        .string()
        .startsWith('/')
        .optional()
        .describe("Folder on the nodes below which this machine's folders appear at their own paths."),
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
          'Reserved for TLS routes on 127.0.0.1, where nothing answers yet. k3d only; left out if the port is taken.',
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
  worktrees: z
    .strictObject({
      path: z
        .string()
        .regex(
          /\{(slug|branch)\}/,
          'must contain {slug} or {branch}, or all worktrees would share one folder',
        )
        .refine((path) => unknownVariable(path) === undefined, {
          error: ({ input }) =>
            `knows ${placeVariables.map((name) => `{${name}}`).join(', ')}, not ${unknownVariable(String(input))}`,
        })
        .optional()
        .describe(
          'Where `wt create` puts a worktree: absolute, from ~, or relative to the main worktree. Default: ../{repository}.{slug}, so beside it.',
        ),
      hookMinutes: z
        .int()
        .min(1)
        .max(10_080)
        .default(60)
        .describe('How long a command of `hooks:` may run before it is ended.'),
    })
    .prefault({}),
  hostPorts: z
    .strictObject({
      base: port
        .min(1024)
        .default(20_000)
        .describe('First port for processes of worktrees on this machine (`wt run`, `wt ports`).'),
      size: z.int().min(1).max(100).default(20).describe('How many ports a worktree has.'),
      last: port.default(29_999).describe('Last port of all worktrees together.'),
    })
    .prefault({}),
  picker: z
    .enum(['built-in', 'fzf'])
    .default('built-in')
    .describe('What `wt switch` shows its list with; fzf has to be on PATH.'),
  agent: z.string().optional().describe('Which agent `--go` starts when none is named.'),
  agents: z
    .record(z.string().regex(/^[a-z][a-z0-9-]*$/, 'must be lower-case letters, digits and dashes'), agent)
    .default({})
    .describe('Agents that `--go` can start, beside or instead of the ones that it knows.'),
  gateway: z
    .strictObject({
      trustForwardedHeaders: z
        .boolean()
        .default(false)
        .describe(
          'Pass on X-Forwarded-* as they were sent, for a tunnel (ngrok, cloudflared) to this machine. Every program that reaches the port can then set them.',
        ),
    })
    .prefault({}),
  databases: z
    .strictObject({
      managed: z
        .strictObject({
          url: secretSource.describe(
            'Where to find its URL: postgres://user:password@host:5432/postgres?sslmode=require.',
          ),
          cluster: z
            .strictObject({
              host: z.string().min(1),
              port: port.default(5432),
            })
            .optional()
            .describe('Where pods reach it, if that differs from this machine.'),
          resources: z
            .literal('postgresql')
            .optional()
            .describe('Roles, databases and grants as resources of @pulumi/postgresql instead of our own.'),
        })
        .optional()
        .describe('The PostgreSQL server for specs with `server: managed`.'),
    })
    .optional(),
  temporal: z
    .strictObject({
      managed: managedTemporal.optional().describe('The Temporal server for specs with `server: managed`.'),
    })
    .optional(),
});
export type Settings = z.infer<typeof settingsSchema>;
/** `databases.managed` */
export type ManagedPostgresSettings = NonNullable<NonNullable<Settings['databases']>['managed']>;

/**
 * The user's choices, with defaults for what is absent; all defaults if the file is missing or empty. Throws FileError
 * (COPPICE_SETTINGS) with every problem in it.
 */
export async function loadSettings(file = paths().settings): Promise<Settings> {
  const text = await readIfPresent(file).catch((cause: unknown) => {
    throw new CoppiceError('COPPICE_SETTINGS', `${file} cannot be read: ${messageOf(cause)}`, { cause });
  });
  return text === undefined ? settingsSchema.parse({}) : parseSettings(text, file);
}

/** @internal Its tests write no files. */
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
