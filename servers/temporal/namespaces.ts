/** Namespaces of environments: what the server has, and what is done with them. */

export { deleteNamespace } from './namespaces/delete.ts';
export { type EnsuredNamespace, ensureNamespace } from './namespaces/ensure.ts';
export { type GoingNamespace, type Inventory, inventory } from './namespaces/inventory.ts';
export { findLeftovers, type LeftoverNamespace } from './namespaces/leftovers.ts';
export { namespaceOwner } from './namespaces/mark.ts';
export { requireNamespace } from './namespaces/require-namespace.ts';
export { type NamespaceState, namespaceState } from './namespaces/state.ts';
