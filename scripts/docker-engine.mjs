import { reasonAgainstOwnEngine, withOwnEngine } from './own-engine.mjs';
import { reasonAgainstRunningEngine, withRunningEngine } from './running-engine.mjs';

/**
 * Gives `work` a Docker engine: one of its own where that can be had, with stand-ins for the images that no registry is
 * reached for, else the one that runs on this machine, with the real ones. Returns what `work` returned, or undefined
 * where there is neither, having said why.
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
