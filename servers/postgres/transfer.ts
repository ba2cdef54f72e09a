/** A database on its way to another server. */

export {
  allowLogin,
  dumpForTransfer,
  type FillLogin,
  restoreTransferred,
  type TransferredDatabase,
} from './transfer/transfer.ts';
