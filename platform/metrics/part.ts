import { imageFrom, nodesFrom, volumeFrom } from '../from-record.ts';
import type { JoiningPart } from '../part.ts';
import { storedServer } from '../pod-exception.ts';
import { storePolicy } from '../telemetry-server.ts';
import { expectedUi, hasUi, uiRoute } from '../ui-route.ts';
import { claimObject } from '../volume.ts';
import {
  type MetricsArgs,
  metricsData,
  metricsDeployment,
  metricsHash,
  metricsName,
  metricsPorts,
  metricsService,
  metricsUi,
} from './deployment.ts';

/** The store of all environments' metrics. */
export const metrics: JoiningPart<MetricsArgs> = {
  exception: storedServer,
  asks: ({ telemetry }) => telemetry !== undefined,
  argsFrom: (record) => ({
    image: imageFrom(record, 'prometheus'),
    volume: volumeFrom(record, 'metrics'),
    shellImage: imageFrom(record, 'node'),
    ui: hasUi(record),
    ...nodesFrom(record),
  }),
  plan: (args) => ({
    objects: [
      ...claimObject(metricsName, args.volume),
      { kind: 'ConfigMap', name: metricsName, body: { data: metricsData } },
      ...storePolicy(metricsName, args, metricsPorts),
      { kind: 'Service', name: metricsName, body: metricsService },
      { kind: 'Deployment', name: metricsName, body: metricsDeployment(args) },
      ...(args.ui ? [uiRoute(metricsUi)] : []),
    ],
    pod: { name: metricsName, configHash: metricsHash(args), timeoutSeconds: 300 },
    ...(args.ui ? { route: expectedUi(metricsUi) } : {}),
  }),
  sections: [],
};
