import { reasonAgainstOwnEngine, withOwnEngine } from './own-engine.mjs';
import { reasonAgainstRunningEngine, withRunningEngine } from './running-engine.mjs';

/**
 * Passes a Docker engine to `work`: its own if that is possible, with stand-ins for the images if no registry is
 * reachable, else this machine's, with the real ones. Returns what `work` returned, or undefined if there is neither,
 * after printing why.
 *
 * @param {(inside: (command: string[]) => number) => number} work
 */
export function withEngine(work) {
  const name = 'coppice-test-k3d';
  const noOwn = reasonAgainstOwnEngine();
  if (noOwn === undefined) return withOwnEngine(name, work);
  const noRunning = reasonAgainstRunningEngine();
  if (noRunning === undefined) {
    console.log(`tests of k3d run in the Docker engine of this machine, for one of their own: ${noOwn}`);
    return withRunningEngine(name, work);
  }
  console.log(`tests of k3d were NOT run: ${noRunning}, and for an engine of their own: ${noOwn}`);
  return undefined;
}
