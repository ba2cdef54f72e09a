import type { HostVariables } from '../../config/plan/host-variables.ts';
import { runInForeground } from '../../core/foreground.ts';
import type { Ports } from '../ports.ts';
import type { Target } from '../target/target.ts';
import { ownPorts, portVariables } from './own-ports.ts';

export interface RunRequest {
  readonly target: Target;
  /** Whose `env:`; that of the primary service when undefined. */
  readonly service: string | undefined;
  /** Only the ports: nothing of the environment, and no cluster. */
  readonly portOnly: boolean;
}

/**
 * Runs a program of this machine with the environment's variables, in the folder it was called in. Returns its exit
 * code, 128 and the signal's number where a signal ended it. Throws COPPICE_NO_PROGRAM, COPPICE_NO_ENVIRONMENT where a
 * variable needs one that is up, COPPICE_NO_PORTS, and what git and reading the spec throw.
 */
export async function run(request: RunRequest, command: readonly string[], ports: Ports): Promise<number> {
  const [program = '', ...args] = command;
  return withVariables({ ...request, isTraced: true }, ports, async ({ variables, notCollected }) => {
    if (notCollected !== undefined) ports.screen.note(`no telemetry of this program: ${notCollected}`);
    ports.screen.close();
    // Ctrl+C is for the program, and this process ends with it.
    const forget = ports.interrupts.handle(() => {});
    try {
      return await runInForeground(program, args, { cwd: ports.cwd, env: { ...ports.env, ...variables } });
    } finally {
      forget();
    }
  });
}

/** The variables that {@link run} adds. Ports that are open only while it runs are closed again. */
export function variablesOf(request: RunRequest, ports: Ports): Promise<HostVariables> {
  return withVariables({ ...request, isTraced: false }, ports, async (found) => found);
}

async function withVariables<T>(
  { target, service, portOnly, isTraced }: RunRequest & { readonly isTraced: boolean },
  ports: Ports,
  work: (found: HostVariables) => Promise<T>,
): Promise<T> {
  const own = portVariables(await ownPorts(ports));
  if (portOnly) return work({ variables: own, secret: [], passing: [] });
  const { withHostVariables } = await import('./host-environment.ts');
  return withHostVariables({ target, service, isTraced }, ports, (found) =>
    work({ ...found, variables: { ...found.variables, ...own } }),
  );
}
