import type { CoreV1Event, V1Deployment, V1Pod } from '@kubernetes/client-node';
import type { Inside } from '../../cluster/kube/inside.ts';
import type { ExpectedService } from './contract.ts';

/** What was seen of one pod: as the API server has it, and what only a closer look shows. */
export interface PodFacts {
  readonly pod: V1Pod;
  /** Its events, oldest first; absent without a closer look. */
  readonly events?: readonly CoreV1Event[];
  /** Last lines of the present run; absent when they were not read. */
  readonly log?: readonly string[];
  /** Last lines of the run before. */
  readonly previousLog?: readonly string[];
  /** What runs in it; absent when it was not looked at, or cannot be. */
  readonly inside?: Inside;
}

/** Everything that a judgement about one service is made from. */
export interface ServiceFacts {
  readonly expected: ExpectedService;
  /** `absent`: there is none in the cluster. Undefined when it was not looked at. */
  readonly deployment?: V1Deployment | 'absent';
  /** Pods of any version that are not ending. */
  readonly pods: readonly PodFacts[];
}
