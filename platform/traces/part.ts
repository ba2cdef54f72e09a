import { imageFrom, nodesFrom, volumeFrom } from '../from-record.ts';
import type { JoiningPart } from '../part.ts';
import { storedServer } from '../pod-exception.ts';
import { storePolicy } from '../telemetry-server.ts';
import { expectedUi, hasUi, uiRoute } from '../ui-route.ts';
import { claimObject } from '../volume.ts';
import {
  type TracesArgs,
  tracesData,
  tracesDeployment,
  tracesHash,
  tracesName,
  tracesPorts,
  tracesService,
  tracesUi,
} from './deployment.ts';

/** The store of all environments' traces. */
export const traces: JoiningPart<TracesArgs> = {
  exception: storedServer,
  asks: ({ telemetry }) => telemetry !== undefined,
  argsFrom: (record) => ({
    image: imageFrom(record, 'jaeger'),
    volume: volumeFrom(record, 'traces'),
    shellImage: imageFrom(record, 'node'),
    ui: hasUi(record),
    ...nodesFrom(record),
  }),
  plan: (args) => ({
    objects: [
      ...claimObject(tracesName, args.volume),
      { kind: 'ConfigMap', name: tracesName, body: { data: tracesData } },
      ...storePolicy(tracesName, args, tracesPorts),
      { kind: 'Service', name: tracesName, body: tracesService },
      { kind: 'Deployment', name: tracesName, body: tracesDeployment(args) },
      ...(args.ui ? [uiRoute(tracesUi)] : []),
    ],
    pod: { name: tracesName, configHash: tracesHash(args), timeoutSeconds: 300 },
    ...(args.ui ? { route: expectedUi(tracesUi) } : {}),
  }),
  sections: [],
};
