import type { Ports } from '../../app/ports.ts';
import type { Candidate } from '../../app/shell/git-candidates.ts';
import { defined } from '../../core/defined.ts';
import { Interrupts } from '../../core/interrupts.ts';
import { Phases } from '../../core/phases.ts';
import { SilentScreen } from '../ui/screen.ts';

/** Milliseconds that a person waits for a list: afterwards nothing is offered. */
const LIMIT_MS = 1500;

/** What only a file or a server knows; nothing where it does not answer in time. */
export async function slowCandidates(
  kind: 'deleted' | 'service' | 'snapshot' | 'workflow' | 'program',
  environment: string | undefined,
  cwd: string,
): Promise<readonly Candidate[]> {
  const limit = new Promise<readonly Candidate[]>((resolve) => setTimeout(resolve, LIMIT_MS, []).unref());
  return Promise.race([sources[kind](environment, cwd).catch(() => []), limit]);
}

const sources = {
  deleted: async (_: string | undefined, cwd: string): Promise<Candidate[]> => {
    const { listDeleted } = await import('../../app/worktrees/undo/undo.ts');
    const names = new Set((await listDeleted(cwd)).map(({ name }) => name));
    return [...names].map((word) => ({ word, meaning: 'deleted' }));
  },
  service: async (environment: string | undefined, cwd: string): Promise<Candidate[]> => {
    const { servicesHere } = await import('../../app/shell/spec-services.ts');
    return (await servicesHere(environment, cwd)).map((word) => ({ word }));
  },
  snapshot: async (environment: string | undefined, cwd: string): Promise<Candidate[]> => {
    const { snapshots } = await import('../../app/databases/snapshots.ts');
    const { found } = await snapshots(defined({ environment }), silentPorts(cwd));
    return found.map(({ mark }) => ({ word: mark.name, meaning: mark.reason }));
  },
  workflow: async (environment: string | undefined, cwd: string): Promise<Candidate[]> => {
    const { workflowsOf } = await import('../../app/workflows/list.ts');
    const { list } = await workflowsOf(defined({ environment }), { limit: 50 }, silentPorts(cwd));
    return list.workflows.map(({ id, type }) => ({ word: id, meaning: type }));
  },
  program: async (): Promise<Candidate[]> => {
    const { programNames } = await import('../../toolchain/toolchain.ts');
    return programNames.map((word) => ({ word }));
  },
};

/** Nothing may be printed into the line that a person types, and nothing asked. */
function silentPorts(cwd: string): Ports {
  return {
    cwd,
    env: process.env,
    screen: new SilentScreen(),
    phases: new Phases(undefined),
    interrupts: new Interrupts(),
    ask: async () => false,
  };
}
