import type { Interrupts } from '../core/interrupts.ts';
import type { Phases } from '../core/phases.ts';
import type { Screen } from './screen.ts';

/** The terminal, or what stands in for it, for a program that takes it over (`wt db psql`). */
export type TerminalStreams = Pick<NodeJS.Process, 'stdin' | 'stdout' | 'stderr'>;

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
