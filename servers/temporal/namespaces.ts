/** Namespaces of environments: their state on the server and the operations on them. */

export { deleteNamespace } from './namespaces/delete.ts';
export { type EnsuredNamespace, ensureNamespace } from './namespaces/ensure.ts';
export { type DeletingNamespace, type Inventory, inventory } from './namespaces/inventory.ts';
export { findLeftovers, type LeftoverNamespace } from './namespaces/leftovers.ts';
export { namespaceOwner } from './namespaces/mark.ts';
export { requireNamespace } from './namespaces/require-namespace.ts';
export { type NamespaceState, namespaceState } from './namespaces/state.ts';
