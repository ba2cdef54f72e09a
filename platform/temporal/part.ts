import { temporalHost } from '../../core/names.ts';
import { imageFrom, portFrom, volumeFrom } from '../from-record.ts';
import type { JoiningPart } from '../part.ts';
import { storedServer } from '../pod-exception.ts';
import { claimObject } from '../volume.ts';
import {
  type TemporalArgs,
  temporalAskedPath,
  temporalDeployment,
  temporalHash,
  temporalHeaders,
  temporalName,
  temporalRoute,
  temporalService,
} from './deployment.ts';
import { temporalServerVersion } from './image.ts';

/** The server of all environments' Temporal namespaces, with its UI. */
export const temporal: JoiningPart<TemporalArgs> = {
  exception: storedServer,
  asks: ({ temporal }) => temporal !== undefined && (temporal.server ?? 'platform') === 'platform',
  argsFrom: (record) => ({
    image: imageFrom(record, 'temporal'),
    serverVersion: temporalServerVersion,
    volume: volumeFrom(record, 'temporal'),
    shellImage: imageFrom(record, 'node'),
    ...portFrom(record, 'temporal'),
  }),
  plan: (args) => ({
    objects: [
      ...claimObject(temporalName, args.volume),
      { kind: 'Service', name: temporalName, body: temporalService },
      { kind: 'Deployment', name: temporalName, body: temporalDeployment(args) },
      ...(args.port === undefined
        ? []
        : [{ kind: 'HTTPRoute' as const, name: temporalName, body: { spec: temporalRoute } }]),
    ],
    // A start without a pull takes 1 s, after a crash too.
    pod: { name: temporalName, configHash: temporalHash(args), timeoutSeconds: 180 },
    ...(args.port === undefined
      ? {}
      : { route: { host: temporalHost, path: temporalAskedPath, headers: temporalHeaders } }),
  }),
  sweep: async (context) => (await import('./sweep.ts')).sweepNamespaces(context),
  sections: [
    {
      title: 'Temporal',
      checks: async (...seen) => (await import('./checks.ts')).temporalChecks(...seen),
    },
  ],
};
