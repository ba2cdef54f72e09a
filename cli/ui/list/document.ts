import type { ListedEnvironment, ListedWorktree, Listing } from '../../../app/worktrees/list/item.ts';
import { defined } from '../../../core/defined.ts';
import type { AllDocument, ListDocument, ListItem } from './schema.ts';

type Repository = ListDocument['repository'];
type WorktreeItem = Extract<ListItem, { kind: 'worktree' }>;
type Environment = NonNullable<WorktreeItem['environments']>[number];

/** What `--json` prints. `collected`: when, as ISO time. */
export function listDocumentOf(listing: Listing, collected: string): ListDocument {
  return { schema: 1, collected, ...clusterOf([listing]), ...partOf(listing) };
}

export function allDocumentOf(listings: readonly Listing[], collected: string): AllDocument {
  return { schema: 1, collected, ...clusterOf(listings), repositories: listings.map(partOf) };
}

function clusterOf(listings: readonly Listing[]): Pick<ListDocument, 'cluster'> {
  const silence = listings.find((listing) => listing.silence)?.silence;
  if (silence) return { cluster: { answers: false, ...silence } };
  return listings.some(({ orphans }) => orphans !== undefined) ? { cluster: { answers: true } } : {};
}

function partOf(listing: Listing): { repository: Repository; items: ListItem[] } {
  const { repository: path, defaultBranch = null, problem, worktrees, orphans = [] } = listing;
  return {
    repository: { path, defaultBranch, ...defined({ problem }) },
    items: [
      ...worktrees.map(worktreeItem),
      ...orphans.map((orphan) => ({ kind: 'environment' as const, ...environmentOf(orphan) })),
    ],
  };
}

export function worktreeItem(row: ListedWorktree): WorktreeItem {
  const { path, name, detached, head = null, main, current, locked, prunable, operation } = row;
  const { problem, changes = null, divergence, lastActivity, agents = [], environments } = row;
  return {
    kind: 'worktree',
    path,
    branch: detached ? null : name,
    name,
    head,
    main,
    current,
    ...defined({ locked, prunable, operation, problem }),
    changes,
    ...defined({ divergence }),
    lastActivity: lastActivity == null ? null : new Date(lastActivity).toISOString(),
    agents: agents.map(({ pid, agent = '', command, folder, startedAt, callsUs }) => ({
      pid,
      name: agent,
      command,
      folder,
      ...(startedAt !== undefined && { started: new Date(startedAt).toISOString() }),
      ...defined({ callsUs }),
    })),
    ...defined({ environments: environments?.map(environmentOf) }),
  };
}

function environmentOf({ reasons, urls, memory, ...rest }: ListedEnvironment): Environment {
  return { ...rest, reasons: [...reasons], urls: [...urls], ...defined({ memoryBytes: memory }) };
}
