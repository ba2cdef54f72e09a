/**
 * The door to Pulumi's engine: the rest of app/ imports only this file. Behind it are the engine's files (state, locks,
 * event log), how it is started, and the versions for which all this holds. Slow modules are loaded on first use: the
 * quick answer of `wt up` only reads the state.
 */

import type { StackName } from './backend-files.ts';

export { type DamagedAttributes, damagedAttributes, damagedFormatAttributes } from './attributes.ts';
export { stackDamage } from './checkpoint.ts';
export type { Program } from './engine.ts';
export { damagedFormat } from './environment-variables.ts';
export { forgetEmptyProjects, forgetEngineLogs, forgetRemoved } from './forgotten.ts';
export { lastUpdateFailed } from './history.ts';
export { type LastFailure, lastFailure } from './last-failure.ts';
export { lockState, type StackLock, stackLocks, unrest } from './locks.ts';
export type { EnginePrograms } from './programs.ts';
export { refuseProtected } from './protected.ts';
export { changesOf } from './reduce.ts';
export type { EngineOutcome } from './run.ts';
export type { ShellEnvironment } from './shell-environment.ts';
export {
  allStacks,
  filesOfStack,
  keptDamaged,
  projectsWithStack,
  readStack,
  removeStackFiles,
  resourceOf,
  type StackResource,
  type StackState,
} from './stack-state.ts';
export type { StackName };

type Engine = typeof import('./engine.ts');

export const engineUp: Engine['engineUp'] = async (...args) =>
  (await import('./engine.ts')).engineUp(...args);

export const engineDestroy: Engine['engineDestroy'] = async (...args) =>
  (await import('./engine.ts')).engineDestroy(...args);

export const holdStack: typeof import('./hold.ts').holdStack = async (...args) =>
  (await import('./hold.ts')).holdStack(...args);

export const ensureEngine: typeof import('./programs.ts').ensureEngine = async (...args) =>
  (await import('./programs.ts')).ensureEngine(...args);

export const prepareShell: typeof import('./shell-environment.ts').prepareShell = async (...args) =>
  (await import('./shell-environment.ts')).prepareShell(...args);

export const presentShell: typeof import('./shell-environment.ts').presentShell = async (...args) =>
  (await import('./shell-environment.ts')).presentShell(...args);

export const ownProgram: typeof import('./own-program.ts').ownProgram = async (...args) =>
  (await import('./own-program.ts')).ownProgram(...args);

export const misnamedProject: typeof import('./own-program.ts').misnamedProject = async (...args) =>
  (await import('./own-program.ts')).misnamedProject(...args);

export const forgetSalt: typeof import('./salt.ts').forgetSalt = async (...args) =>
  (await import('./salt.ts')).forgetSalt(...args);
