import type { Check } from '../../../core/check.ts';
import { defined } from '../../../core/defined.ts';
import type { DockerMachine, EngineKind } from './docker-machine.ts';
import { outlook } from './mountable.ts';
import { howToShare, type Sharing } from './shared-folders.ts';

export interface RootsSeen {
  readonly roots: readonly string[];
  /** Tested on a running node, or only predicted. */
  readonly tried: boolean;
  /** The first root that cannot be shared, with the reason. */
  readonly problem?: { readonly root: string; readonly why: string; readonly fix?: string };
  readonly doubt?: string;
}

export function rootsCheck(
  machine: Pick<DockerMachine, 'kind' | 'context' | 'endpoint'>,
  { roots, tried, problem, sharing }: RootsSeen & { readonly sharing: Sharing },
): Check {
  const name = 'roots';
  const listed = roots.join(', ');
  if (problem !== undefined) {
    const { root, why } = problem;
    const fix = tried
      ? howToShare(machine.kind, root)
      : 'name the folders with your worktrees as `k3d.roots` in the settings';
    return { name, ok: false, detail: `${root} ${why}`, fix };
  }
  if (tried) return { name, ok: true, detail: `${listed}: seen by the nodes` };
  const { refusal, doubt } = outlook(machine, roots, sharing.shared);
  if (refusal !== undefined)
    return {
      name,
      ok: false,
      detail: refusal.message,
      ...defined({ fix: refusal.hint }),
    };
  return { name, ok: true, detail: doubt ?? listed };
}

/** Whether a pod notices that a worktree's file changed; on Linux nothing lies between. */
export function eventsChecks(kind: EngineKind, { events }: Pick<Sharing, 'events'>): Check[] {
  const name = 'changes of files';
  switch (kind) {
    case 'docker-desktop':
      // https://github.com/docker/for-mac/issues/7246
      return [
        { name, ok: true, detail: 'reported to pods by Docker Desktop (except deletions, with VirtioFS)' },
      ];
    case 'colima':
      if (events === false) {
        return [
          {
            name,
            ok: false,
            detail: 'not reported to pods: a service sees a change only if it polls its files',
            // https://github.com/abiosoft/colima/issues/261 collects experience with it.
            fix: 'run `colima stop`, then `colima start --mount-inotify` (experimental in colima)',
          },
        ];
      }
      return [
        {
          name,
          ok: true,
          detail: events
            ? 'reported to pods by colima (--mount-inotify)'
            : 'reported to pods only after `colima start --mount-inotify`',
        },
      ];
    case 'rancher-desktop':
      // https://github.com/rancher-sandbox/rancher-desktop/issues/1979 and 9813
      return [
        {
          name,
          ok: true,
          detail: 'may not be reported to pods by Rancher Desktop: let services poll their files',
        },
      ];
    default:
      return [];
  }
}
