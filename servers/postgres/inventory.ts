/** Everything of ours on a server, and which parts of it are no longer needed. */

export { type Inventory, inventory } from './inventory/inventory.ts';
export { findOrphans, type Orphan } from './inventory/orphans.ts';
export { removeOrphans, removeTemplates } from './inventory/remove-orphans.ts';
export { type UnusedTemplate, unusedTemplates } from './inventory/unused-templates.ts';
