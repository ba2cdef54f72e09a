import { byPublishedPart, partFacts } from './part-facts.ts';

/**
 * Ports of the nodes under which the platform is published where Docker carries them on to 127.0.0.1 of this machine.
 * Docker's side is fixed when a cluster is made, so every port is there from the beginning, whatever joins later.
 * The keys are those of the settings' `ports`; the numbers lie in Kubernetes' range for node ports, 30000 to 32767.
 */
export const nodePorts = {
  http: 30080,
  https: 30443,
  ...byPublishedPart((part) => partFacts[part].port.node),
};

export type PublishedPort = keyof typeof nodePorts;
