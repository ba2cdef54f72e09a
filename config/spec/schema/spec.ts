import { z } from 'zod';
import { longestName, namePattern, reservedNames } from '../../../core/names.ts';
import { parseQuantity, quantityPattern } from '../quantity.ts';
import { database, databasePart } from './database.ts';
import { install, installPart } from './install.ts';
import { temporal, temporalPart } from './temporal.ts';
import { command, duration, image, runtime, variables } from './values.ts';

export { runtimes, secondsOf } from './values.ts';

/** Sections that the design has and this version has not: using one is not a typing mistake. */
export const notYet: readonly string[] = ['lifetime', 'build'];

export const profileNames = ['local', 'preview'] as const;

const nameRule = `must be at most ${longestName} of a-z, 0-9 and single dashes, a letter first`;
const name = z
  .string({ error: nameRule })
  .max(longestName, { error: nameRule })
  .regex(namePattern, { error: nameRule })
  .refine((value) => !reservedNames.includes(value), {
    error: `must not be ${reservedNames.join(' or ')}, which is reserved`,
  });

/** What Kubernetes' Gateway API takes as a path prefix, without the escapes that it refuses. */
const pathPattern = /^\/([-\w.~!$&'()*+,;=:@]+(\/[-\w.~!$&'()*+,;=:@]+)*\/?)?$/;
const path = z
  .string({ error: 'must be a path such as /api' })
  .max(1024, { error: 'must hold at most 1024 characters' })
  .regex(pathPattern, { error: 'must be a path such as /api: a slash first, no //, no query, no spaces' })
  .refine((value) => !/(^|\/)\.\.?(\/|$)/.test(value), { error: 'must not contain . or .. as a part' });

const quantity = (what: string, example: string) => {
  const error = `must be an amount of ${what} such as ${example}`;
  const written = [
    z.string({ error }).regex(quantityPattern, { error }),
    z.number({ error }).min(0, { error }),
  ];
  return z.union(written, { error }).transform(String);
};

const cpu = quantity('CPU', '500m (half a core) or 2')
  .refine((value) => parseQuantity(value) !== 0, { error: 'must be more than nothing' })
  .describe('CPU as Kubernetes writes it: `500m` is half a core.');
const memory = quantity('memory', '256Mi or 1Gi')
  // `512m` is half a byte and `512` is 512 bytes: both were meant to be Mi, and the pod would only say OOMKilled.
  .refine((value) => (parseQuantity(value) ?? 2 ** 20) >= 2 ** 20, { error: 'must be at least 1Mi' })
  .describe('Memory as Kubernetes writes it: `256Mi`, `1Gi`.');

const amounts = z.strictObject({ cpu: cpu.optional(), memory: memory.optional() });
const resources = z
  .strictObject({
    requests: amounts
      .optional()
      .describe('What the scheduler sets aside for one pod; 10m and 32Mi when absent.'),
    limits: amounts.optional().describe('What one pod may use at most; 1 CPU and 1Gi when absent.'),
  })
  .meta({ title: 'Resources of a service' });

const readyFields = {
  path: z
    .string({ error: 'must be a path such as /healthz' })
    .regex(/^\/[^\s#]*$/, { error: 'must be a path such as /healthz: a slash first, no spaces' })
    .describe('Path that answers below 500 as soon as the service is ready, asked on its port.'),
  timeout: duration.describe(
    'How long a start may take before `up` fails, in seconds (`90s`) or minutes (`5m`); 2m when absent.',
  ),
};
const defaultTimeout = '2m';

const serviceFields = {
  runtime: runtime
    .optional()
    .describe(
      'Language runtime of the catalogue that runs the files of this folder; write `image` for any other.',
    ),
  image: image
    .optional()
    .describe('Image to run, any language; the folder is mounted at /app in it as well.'),
  command: command
    .optional()
    .describe(
      'What runs in /app: text runs by `sh -c`, a list is executed as it is. An image may have its own.',
    ),
  port: z
    .int({ error: 'must be a whole number from 1 to 65535' })
    .min(1, { error: 'must be a whole number from 1 to 65535' })
    .max(65535, { error: 'must be a whole number from 1 to 65535' })
    .optional()
    .describe(
      'Port that the process listens on, given to it as PORT; a service without one gets no address.',
    ),
  primary: z
    .boolean()
    .optional()
    .describe(
      "Whether this service answers at the environment's own host; the only service with a port does anyway.",
    ),
};
const collections = {
  paths: z
    .array(path)
    .describe("Paths under the primary service's host that this service answers, passed on unchanged."),
  env: variables.describe(
    'Environment variables; `${...}` refers to other services, the database and Temporal, `$${` is a literal `${`.',
  ),
};
const replicas = z
  .int({ error: 'must be a whole number from 0 to 10' })
  .min(0, { error: 'must be a whole number from 0 to 10' })
  .max(10, { error: 'must be a whole number from 0 to 10' })
  .describe('How many pods run it; 0 keeps the service but runs nothing.');

const service = z
  .strictObject({
    ...serviceFields,
    paths: collections.paths.default([]),
    env: collections.env.default({}),
    ready: z
      .strictObject({ ...readyFields, timeout: readyFields.timeout.default(defaultTimeout) })
      .meta({ title: 'Readiness of a service' })
      .optional()
      .describe('How to see that the service is ready; without it, that its port accepts connections.'),
    replicas: replicas.default(1),
    resources: resources.default({}).describe('CPU and memory of one pod.'),
  })
  .meta({
    title: 'Service',
    description: 'One process of the app.',
    not: { required: ['runtime', 'image'] },
  });

/** The same without defaults: a profile says only what differs. */
const servicePart = z
  .strictObject({
    ...serviceFields,
    paths: collections.paths.optional(),
    env: collections.env.optional(),
    ready: z
      .strictObject({ path: readyFields.path.optional(), timeout: readyFields.timeout.optional() })
      .optional()
      .describe('How to see that the service is ready.'),
    replicas: replicas.optional(),
    resources: resources.optional().describe('CPU and memory of one pod.'),
  })
  .meta({ title: 'Service in a profile', description: 'What differs for this service.' });

const setup = z
  .array(z.string().min(1, { error: 'must not be empty' }))
  .describe("Commands for the host, run by a worktree's first `wt up` after asking.");
const host = z
  .string()
  .describe(
    'Host of the primary service, made of {slug} and {app}; other services get their name in front of it.',
  );
const source = z
  .enum(['mount', 'image'])
  .describe(
    "Where a pod has the files from: this folder, live, or an image built of it; chosen by the cluster's place when absent.",
  );

const profile = z
  .strictObject({
    services: z
      .record(name, servicePart)
      .optional()
      .describe('Services by name: what differs, or services of this profile only.'),
    database: databasePart.optional(),
    temporal: temporalPart.optional(),
    setup: setup.optional(),
    install: installPart.optional(),
    host: host.optional(),
    source: source.optional(),
  })
  .meta({
    title: 'Profile',
    description: 'Laid over the rest of the file: maps are merged, lists replaced.',
  });

const specFields = {
  version: z
    .literal(1, { error: 'must be 1, the only version of this file that there is' })
    .describe('Version of this file format: 1.'),
  name: name.describe('Name of the app; part of every host, namespace and stack name.'),
  services: z.record(name, service).default({}).describe('The processes of the app, by name.'),
  database: database.optional(),
  temporal: temporal.optional(),
  setup: setup.default([]),
  install: install.optional(),
  host: host.optional(),
  source: source.optional(),
};

/** A spec after its profile was laid over it: what plans are made of. */
export const specSchema = z.strictObject(specFields);

/** The whole file. */
export const fileSchema = z
  .strictObject({
    ...specFields,
    profiles: z
      .partialRecord(z.enum(profileNames), profile)
      .optional()
      .describe(
        'What differs where the environment runs: `local` on a laptop, `preview` for a pull request.',
      ),
  })
  .meta({ title: 'coppice.yaml', description: 'What an environment of this app is.' });

export type Spec = z.infer<typeof specSchema>;
export type ServiceSpec = Spec['services'][string];
