import { byPublishedPart, partFacts } from './part-facts.ts';

/**
 * Ports of the nodes that Docker forwards to 127.0.0.1 of this machine. Docker's side is fixed when a cluster is
 * created, so every port exists from the start, whatever joins later. The keys are those of the settings' `ports`; the
 * numbers are in Kubernetes' range for node ports, 30000 to 32767.
 */
export const nodePorts = {
  http: 30080,
  https: 30443,
  ...byPublishedPart((part) => partFacts[part].port.node),
};

export type PublishedPort = keyof typeof nodePorts;
