import type { core } from '@pulumi/kubernetes/types/input.js';
import { Annotation, Label, managedBy } from '../core/labels.ts';
import type { Kinds } from '../resources/kubernetes-object.ts';

/** One pod of a server that has its data to itself; `hash` is over all that should make a new one. */
export function serverDeployment(name: string, hash: string, pod: core.v1.PodSpec): Kinds['Deployment'] {
  const labels = { [Label.managedBy]: managedBy, [Label.service]: name };
  return {
    spec: {
      replicas: 1,
      revisionHistoryLimit: 1,
      selector: { matchLabels: { [Label.service]: name } },
      // Two servers cannot share one folder, and of two on one file each would take the other's work.
      strategy: { type: 'Recreate' },
      template: { metadata: { labels, annotations: { [Annotation.configHash]: hash } }, spec: pod },
    },
  };
}
