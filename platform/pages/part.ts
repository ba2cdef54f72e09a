import { platformNamespace } from '../../core/labels.ts';
import type { PartObject, PlatformPart } from '../part.ts';
import { serverDeployment } from '../server.ts';
import { pagesRules } from './access.ts';
import {
  type PagesArgs,
  pagesException,
  pagesFile,
  pagesHash,
  pagesName,
  pagesPod,
  pagesRoute,
  pagesService,
} from './deployment.ts';

/** What answers where no pod of an environment does. */
export const pages: PlatformPart<PagesArgs> = {
  exception: pagesException,
  plan: (args) => ({
    objects: [
      ...accessObjects(args.port !== undefined),
      { kind: 'ConfigMap', name: pagesName, body: { data: pagesFile(args) } },
      {
        kind: 'Deployment',
        name: pagesName,
        body: serverDeployment(pagesName, pagesHash(args), pagesPod(args)),
      },
      { kind: 'Service', name: pagesName, body: pagesService },
      { kind: 'HTTPRoute', name: pagesName, body: { spec: pagesRoute } },
    ],
    pod: { name: pagesName, configHash: pagesHash(args), timeoutSeconds: 120 },
  }),
};

const role = `coppice-${pagesName}`;

function accessObjects(local: boolean): PartObject[] {
  return [
    { kind: 'ServiceAccount', name: pagesName, body: { automountServiceAccountToken: false } },
    { kind: 'ClusterRole', name: role, body: { rules: pagesRules(local) }, scope: 'cluster' },
    {
      kind: 'ClusterRoleBinding',
      name: role,
      body: {
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
        subjects: [{ kind: 'ServiceAccount', name: pagesName, namespace: platformNamespace }],
      },
      scope: 'cluster',
    },
  ];
}
