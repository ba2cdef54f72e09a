import { z } from 'zod';

/** Documents of the verbs that ask the stores of telemetry: the names stay, new ones may be added. */

const milliseconds = z.number().describe('milliseconds');
const gone = z.boolean().describe('it is not there any more; what the store has of it is');
const root = z.strictObject({ service: z.string(), name: z.string() }).describe('the span it began with');

export const tracesDocument = z
  .strictObject({
    schema: z.literal(1),
    environment: z.string().nullable().describe('`app/slug`; null with --all'),
    gone,
    from: z.iso.datetime(),
    to: z.iso.datetime(),
    total: z.int().describe('traces of the period, before any filter'),
    failed: z.int().describe('those with a span that failed'),
    p50Ms: milliseconds.optional().describe('absent without a trace'),
    p95Ms: milliseconds.optional(),
    more: z.boolean().describe('there are more traces than were looked at: the totals are of the newest'),
    matching: z.int().describe('traces that pass the filter'),
    shown: z.int(),
    file: z.string().optional().describe('where the whole document is, when it is larger than 32 kB'),
    traces: z.array(
      z.strictObject({
        id: z.string().describe('32 hexadecimal digits; the first 8 are accepted too'),
        environment: z.string(),
        start: z.iso.datetime(),
        durationMs: milliseconds,
        spans: z.int(),
        failed: z.int(),
        root,
        services: z.array(z.string()),
      }),
    ),
  })
  .describe('what `wt traces --json` prints');
export type TracesDocument = z.infer<typeof tracesDocument>;

const attributes = z.record(z.string(), z.string());

export const traceDocument = z
  .strictObject({
    schema: z.literal(1),
    environment: z.string(),
    gone,
    id: z.string(),
    start: z.iso.datetime(),
    durationMs: milliseconds,
    total: z.int().describe('spans of this environment'),
    failed: z.int(),
    foreign: z.int().describe('spans of the same trace in other environments, which are not shown'),
    services: z.array(z.string()),
    shown: z.int(),
    file: z.string().optional().describe('where the whole document is, when it is larger than 32 kB'),
    spans: z.array(
      z.strictObject({
        id: z.string(),
        parent: z.string().optional(),
        pod: z.string().optional(),
        service: z.string(),
        name: z.string(),
        startMs: milliseconds.describe('milliseconds since the start of the trace'),
        durationMs: milliseconds,
        failed: z.boolean(),
        critical: z.boolean().describe('it is on the critical path'),
        attributes: attributes.optional().describe('of a span that failed'),
        events: z.array(z.strictObject({ name: z.string(), attributes })).optional(),
      }),
    ),
  })
  .describe('what `wt trace ID --json` prints');
export type TraceDocument = z.infer<typeof traceDocument>;

const services = z.array(
  z.strictObject({
    service: z.string(),
    requests: z.number().optional().describe('of the period'),
    failed: z.number().optional(),
    p50Ms: milliseconds.optional(),
    p95Ms: milliseconds.optional(),
    cpuCores: z.number().optional(),
    memoryBytes: z.number().optional(),
    restarts: z.number().optional(),
  }),
);
const workflows = z
  .strictObject({
    completed: z.number().optional(),
    failed: z.number().optional(),
    backlog: z.number().optional().describe('tasks that wait for a worker'),
  })
  .describe('absent without Temporal');
const figures = {
  environment: z.string(),
  gone,
  from: z.iso.datetime().describe('of one that is gone, the end of what was measured'),
  to: z.iso.datetime(),
  services,
  workflows: workflows.optional(),
};

const figuresDocument = z.strictObject({
  schema: z.literal(1),
  kind: z.literal('figures'),
  ...figures,
  versus: z.strictObject(figures).optional().describe('the other environment of --vs'),
});
export type MetricsDocument = z.infer<typeof figuresDocument>;

const value = z.string().describe('as Prometheus writes it: NaN and +Inf are possible');
const queryDocument = z.strictObject({
  schema: z.literal(1),
  kind: z.literal('query'),
  environment: z.string(),
  gone,
  query: z.string(),
  total: z.int(),
  shown: z.int(),
  file: z.string().optional().describe('where the whole document is, when it is larger than 32 kB'),
  series: z.array(
    z.strictObject({
      labels: attributes,
      value: value.optional().describe('without --since'),
      points: z
        .array(z.strictObject({ time: z.iso.datetime(), value }))
        .optional()
        .describe('with --since'),
    }),
  ),
});
export type QueryDocument = z.infer<typeof queryDocument>;

export const metricsDocument = z
  .discriminatedUnion('kind', [figuresDocument, queryDocument])
  .describe('what `wt metrics --json` prints, and with --query');

const perMinute = z.number().describe('per minute, in the last 5 minutes');

export const statusDocument = z
  .strictObject({
    schema: z.literal(1),
    shown: z.int().optional().describe('how many arrivals are here, when they are not all'),
    file: z.string().optional().describe('where the whole document is, when it is larger than 32 kB'),
    arrivals: z.array(
      z.strictObject({
        environment: z.string().describe('`app/slug`, or the namespace of the platform'),
        service: z.string(),
        spans: perMinute,
        requests: perMinute,
        lines: perMinute,
        series: z.number().describe('that Prometheus has now'),
        lastSpan: z.iso
          .datetime()
          .optional()
          .describe('to two minutes; absent when there was none for an hour'),
      }),
    ),
    lost: z
      .array(
        z.strictObject({
          counter: z.string(),
          reason: z.string().optional(),
          environment: z.string().optional().describe('whose it was, where that is known'),
          count: z.number(),
        }),
      )
      .describe('in the last hour'),
    added: z
      .array(
        z.strictObject({
          environment: z.string(),
          store: z.enum(['logs', 'traces']),
          bytes: z.number().describe('about what it takes on disk'),
        }),
      )
      .describe('in the last day'),
    queues: z.array(z.strictObject({ exporter: z.string(), share: z.number() })).describe('0 to 1'),
    logBytes: z.number().optional(),
    logFreeBytes: z.number().optional(),
    logReadOnly: z.boolean(),
    metricSeries: z.number().optional(),
    metricBytes: z.number().optional(),
    memory: z.array(z.strictObject({ server: z.string(), bytes: z.number() })),
    keptLines: z.array(z.strictObject({ environment: z.string(), lines: z.int() })),
    problems: z.array(z.strictObject({ what: z.string(), fix: z.string() })),
  })
  .describe('what `wt telemetry status --json` prints');
export type StatusDocument = z.infer<typeof statusDocument>;

/** By the name of their file in schema/: `traces` is schema/traces.schema.json. */
export function telemetryJsonSchemas(): Readonly<Record<string, unknown>> {
  const documents = {
    traces: tracesDocument,
    trace: traceDocument,
    metrics: metricsDocument,
    'telemetry-status': statusDocument,
  };
  return Object.fromEntries(
    Object.entries(documents).map(([name, document]) => [
      name,
      z.toJSONSchema(document, { io: 'output', target: 'draft-2020-12' }),
    ]),
  );
}
