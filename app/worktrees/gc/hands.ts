import { environmentName } from '../../../core/names.ts';
import type { Ports } from '../../ports.ts';
import type { Repository } from '../delete/repository.ts';
import type { Hands } from './carry-out.ts';

/** Deletes as `wt delete` does, so that `wt undo` brings everything back, and stops as `wt stop` does. */
export function handsOf({ common }: Repository, ports: Ports): Hands {
  // Nobody is asked: what needs a yes stays.
  const quiet: Ports = { ...ports, cwd: common, ask: async () => false };
  return {
    deleteWorktree: async () => {
      throw new Error('not yet');
    },
    deleteEnvironment: async ({ app, slug }) => {
      const { down } = await import('../../environments/down.ts');
      await down({ environment: environmentName(app, slug), force: false }, quiet);
      return { kind: 'deleted', notes: [] };
    },
    stopEnvironment: async ({ app, slug }) => {
      const { stop } = await import('../../environments/stop.ts');
      await stop({ environment: environmentName(app, slug) }, quiet);
      return { kind: 'stopped' };
    },
  };
}
