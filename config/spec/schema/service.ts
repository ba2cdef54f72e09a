import { z } from 'zod';
import { protocols } from '../protocol.ts';
import { parseQuantity, quantityPattern } from '../quantity.ts';
import { serviceTelemetry } from './telemetry.ts';
import { command, duration, image, runtime, variables } from './values.ts';

/** What Kubernetes' Gateway API accepts as a path prefix, without the escapes that it refuses. */
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

const mostCores = 100_000;
const cpu = quantity('CPU', '500m (half a core) or 2')
  .refine((value) => parseQuantity(value) !== 0, { error: 'must be more than zero' })
  // https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#meaning-of-cpu
  .refine((value) => isWhole((parseQuantity(value) ?? 0) * 1000), {
    error: 'must be a whole number of m, thousandths of a core',
  })
  // A bound of our own, far below that of the kernel's quota.
  .refine((value) => (parseQuantity(value) ?? 0) <= mostCores, { error: `must be at most ${mostCores}` })
  .describe('CPU as Kubernetes writes it: `500m` is half a core.');
const memory = quantity('memory', '256Mi or 1Gi')
  // `512m` is half a byte and `512` is 512 bytes: in both cases Mi was meant, and the pod would only report OOMKilled.
  .refine((value) => (parseQuantity(value) ?? 2 ** 20) >= 2 ** 20, { error: 'must be at least 1Mi' })
  // The API server only warns of parts of a byte.
  .refine((value) => isWhole(Math.max(parseQuantity(value) ?? 0, 2 ** 20)), {
    error: 'must be a whole number of bytes',
  })
  // Kubernetes keeps amounts as 64-bit integers and takes more for the largest of them.
  .refine((value) => (parseQuantity(value) ?? 0) < 2 ** 63, { error: 'must be less than 8Ei' })
  .describe('Memory as Kubernetes writes it: `256Mi`, `1Gi`.');

/** Products of decimal fractions are off by a rounding error. */
function isWhole(value: number): boolean {
  return Math.abs(value - Math.round(value)) < 1e-6;
}

const amounts = z.strictObject({ cpu: cpu.optional(), memory: memory.optional() });
const resources = z
  .strictObject({
    requests: amounts.optional().describe('What the scheduler reserves for one pod. Default: 10m and 32Mi.'),
    limits: amounts.optional().describe('The most that one pod may use. Default: 1 CPU and 1Gi.'),
  })
  .meta({ title: 'Resources of a service' });

const ready = z
  .strictObject({
    path: z
      .string({ error: 'must be a path such as /healthz' })
      .max(1024, { error: 'must hold at most 1024 characters' })
      .regex(/^\/([^\s#%\p{Cc}]|%[\da-fA-F]{2})*$/u, {
        error:
          'must be a path such as /healthz: a slash first, no spaces, % only before two hexadecimal digits',
      })
      .describe('Path that answers below 500 on the port as soon as the service is ready.'),
    timeout: duration
      .describe(
        'How long a start may take before `up` fails, in seconds (`90s`) or minutes (`5m`). Default: 2m.',
      )
      .default('2m'),
  })
  .meta({ title: 'Readiness of a service' });

const replicas = z
  .int({ error: 'must be a whole number from 0 to 10' })
  .min(0, { error: 'must be a whole number from 0 to 10' })
  .max(10, { error: 'must be a whole number from 0 to 10' })
  .describe('How many pods run it; 0 keeps the service but runs nothing.');

const protocolRule = `must be one of ${protocols.join(', ')}`;
const protocol = z.enum(protocols, { error: protocolRule });

export const service = z
  .strictObject({
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
        'What runs in /app: text runs with `sh -c`, a list is executed as it is. An image may have its own.',
      ),
    port: z
      .int({ error: 'must be a whole number from 1 to 65535' })
      .min(1, { error: 'must be a whole number from 1 to 65535' })
      .max(65535, { error: 'must be a whole number from 1 to 65535' })
      .optional()
      .describe(
        'Port that the process listens on, given to it as PORT; a service without one gets no address.',
      ),
    protocol: protocol
      .optional()
      .describe(
        'What the port speaks: `http`, `h2c` (HTTP/2 without TLS), `grpc` (the same), or `tcp` for anything else, which gets no URL. Default: decided by the port (6379 is `tcp`, 50051 is `grpc`), else `http`.',
      ),
    primary: z
      .boolean()
      .optional()
      .describe(
        "Whether this service answers at the environment's own host; the only service with a port does anyway.",
      ),
    paths: z
      .array(path)
      .describe("Paths under the primary service's host that this service answers, passed on unchanged.")
      .default([]),
    env: variables
      .describe(
        'Environment variables; `${...}` refers to other services, the database and Temporal, `$${` is a literal `${`.',
      )
      .default({}),
    ready: ready
      .optional()
      .describe('How to see that the service is ready, instead of its port accepting connections.'),
    replicas: replicas.default(1),
    telemetry: serviceTelemetry.optional(),
    resources: resources.default({}).describe('CPU and memory of one pod.'),
  })
  .meta({
    title: 'Service',
    description: 'One process of the app.',
    not: { required: ['runtime', 'image'] },
  });

export type ServiceSpec = z.infer<typeof service>;
