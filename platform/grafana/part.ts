import { imageFrom } from '../from-record.ts';
import type { JoiningPart } from '../part.ts';
import { expectedUi, hasUi, uiRoute } from '../ui-route.ts';
import {
  type GrafanaArgs,
  grafanaDeployment,
  grafanaException,
  grafanaFiles,
  grafanaHash,
  grafanaName,
  grafanaService,
  grafanaUi,
} from './deployment.ts';

/** Dashboards. No coppice.yaml asks for it: it is pulled where a registry has it, and never built. */
export const grafana: JoiningPart<GrafanaArgs> = {
  exception: grafanaException,
  asks: () => false,
  argsFrom: (record) => ({ image: imageFrom(record, 'grafana'), store: 'victorialogs', ui: hasUi(record) }),
  plan: (args) => ({
    objects: [
      ...Object.entries(grafanaFiles(args)).map(([name, data]) => ({
        kind: 'ConfigMap' as const,
        name,
        body: { data },
      })),
      { kind: 'Service', name: grafanaName, body: grafanaService },
      { kind: 'Deployment', name: grafanaName, body: grafanaDeployment(args) },
      ...(args.ui ? [uiRoute(grafanaUi)] : []),
    ],
    // With a pull, and a plugin that it downloads beside its start.
    pod: { name: grafanaName, configHash: grafanaHash(args), timeoutSeconds: 300 },
    ...(args.ui ? { route: expectedUi(grafanaUi) } : {}),
  }),
  sections: [],
};
