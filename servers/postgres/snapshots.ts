/** Snapshots of databases, and restoring them. */

export {
  findSnapshot,
  listSnapshots,
  type Replaced,
  removeSnapshot,
  restoreSnapshot,
  type Snapshot,
  takeSnapshot,
} from './snapshots/snapshots.ts';
export { lastReplaced, type Undone, undo } from './snapshots/undo.ts';
