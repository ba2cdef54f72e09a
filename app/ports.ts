import type { Interrupts } from '../core/interrupts.ts';
import type { Phases } from '../core/phases.ts';
import type { Screen } from './screen.ts';

/** Everything that a verb may touch besides files, git, the cluster and the engine. */
export interface Ports {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Standard output, for what is printed while the verb runs (`wt logs`); the result is printed by `main`. */
  readonly out: (text: string) => void;
  readonly terminal: { readonly input: boolean; readonly output: boolean; readonly color: boolean };
  readonly json: boolean;
  readonly verbose: boolean;
  /** What is going on, on standard error. */
  readonly screen: Screen;
  readonly phases: Phases;
  readonly interrupts: Interrupts;
  /** Asks a yes-or-no question; false without a terminal. */
  readonly ask: (question: string) => Promise<boolean>;
}
