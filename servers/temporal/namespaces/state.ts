import type { NamespaceRequest, Temporal } from '../types.ts';
import { isSameOwner, type NamespaceOwner } from './mark.ts';
import { findNamespace, type Namespace } from './namespace.ts';
import { changeOf, searchAttributes } from './search-attributes.ts';

/** What exists under the name of an environment's namespace. */
export type NamespaceState =
  | { readonly kind: 'absent' }
  | {
      readonly kind: 'ours';
      readonly id: string;
      /** Its retention, search attributes and mark are as requested. */
      readonly sound: boolean;
    }
  /** Created by Coppice for another environment, repository or branch. */
  | { readonly kind: 'another'; readonly owner: NamespaceOwner }
  /** Not created by Coppice. */
  | { readonly kind: 'foreign' };

/** Queries the server, and changes nothing. A namespace that is being deleted counts as absent. */
export async function namespaceState(temporal: Temporal, request: NamespaceRequest): Promise<NamespaceState> {
  const found = await findNamespace(temporal, request.name);
  if (!found || found.deleting) return { kind: 'absent' };
  const { id, mark } = found;
  if (!mark) return { kind: 'foreign' };
  if (!isSameOwner(mark, request.owner)) return { kind: 'another', owner: mark };
  return { kind: 'ours', id, sound: isCurrent(found, request) && (await hasAttributes(temporal, request)) };
}

/** Whether retention and mark are as requested. */
export function isCurrent({ mark, retentionSeconds }: Namespace, request: NamespaceRequest): boolean {
  return retentionSeconds === request.retentionSeconds && isOf(mark, request);
}

/** Both paths change when a repository is moved. */
function isOf(mark: Namespace['mark'], { owner }: NamespaceRequest): boolean {
  return mark?.worktree === owner.worktree && mark.repository === owner.repository;
}

async function hasAttributes(temporal: Temporal, request: NamespaceRequest): Promise<boolean> {
  const present = await searchAttributes(temporal, request.name);
  const wrong = Object.entries(request.searchAttributes).some(([name, type]) => present[name] !== type);
  return !wrong && changeOf(request, present).removed.length === 0;
}
