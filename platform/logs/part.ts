import { imageFrom, nodesFrom, volumeFrom } from '../from-record.ts';
import type { JoiningPart } from '../part.ts';
import { storedServer } from '../pod-exception.ts';
import { storePolicy } from '../telemetry-server.ts';
import { expectedUi, hasUi, uiRoute } from '../ui-route.ts';
import { claimObject } from '../volume.ts';
import {
  type LogsArgs,
  logsDeployment,
  logsHash,
  logsName,
  logsPorts,
  logsService,
  logsUi,
} from './deployment.ts';

/** The store of all environments' logs. */
export const logs: JoiningPart<LogsArgs> = {
  exception: storedServer,
  asks: ({ telemetry }) => telemetry !== undefined,
  argsFrom: (record) => ({
    image: imageFrom(record, 'victoria-logs'),
    volume: volumeFrom(record, 'logs'),
    shellImage: imageFrom(record, 'node'),
    ui: hasUi(record),
    ...nodesFrom(record),
  }),
  plan: (args) => ({
    objects: [
      ...claimObject(logsName, args.volume),
      ...storePolicy(logsName, args, logsPorts),
      { kind: 'Service', name: logsName, body: logsService },
      { kind: 'Deployment', name: logsName, body: logsDeployment(args) },
      ...(args.ui ? [uiRoute(logsUi)] : []),
    ],
    pod: { name: logsName, configHash: logsHash(args), timeoutSeconds: 300 },
    ...(args.ui ? { route: expectedUi(logsUi) } : {}),
  }),
  sections: [],
};
