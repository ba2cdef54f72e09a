import type { Interrupts } from '../core/interrupts.ts';
import type { Phases } from '../core/phases.ts';
import type { Screen } from './screen.ts';

/** What the application may touch besides files, git, the cluster and the engine. It prints nothing. */
export interface Ports {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Progress, on standard error. */
  readonly screen: Screen;
  readonly phases: Phases;
  readonly interrupts: Interrupts;
  /** Asks a yes-or-no question; false without a terminal. */
  readonly ask: (question: string) => Promise<boolean>;
}
