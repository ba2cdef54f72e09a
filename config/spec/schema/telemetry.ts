import { z } from 'zod';

/** Languages whose programs can be traced without a change in them. */
export const instrumented = ['node', 'python'] as const;

export type Instrumented = (typeof instrumented)[number];

const error = 'must be a list of runtimes such as [node], or false';
const instrument = z.union([z.literal(false), z.array(z.enum(instrumented))], { error });

export const telemetry = z
  .strictObject({
    instrument: instrument
      .optional()
      .describe(
        'Runtimes whose services are traced without a change in the app: `[node]`, `[python]` or `[node, python]`. Default: none.',
      ),
  })
  .meta({
    title: 'Telemetry',
    description: 'Logs, metrics and traces of every environment, kept on the platform; `{}` is all of it.',
  });

/** The part of a service. */
export const serviceTelemetry = z
  .strictObject({
    instrument: instrument
      .optional()
      .describe(
        "What this service's image runs and is to be traced, `[node]` or `[python]`, or `false` for a service that is not; instead of the list for all.",
      ),
  })
  .meta({ title: 'Telemetry of a service', description: 'What differs for this service.' });
