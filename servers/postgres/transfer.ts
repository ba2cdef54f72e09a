/** Moving a database to another server. */

export {
  allowLogin,
  dumpForTransfer,
  type FillLogin,
  restoreTransferred,
  type TransferredDatabase,
} from './transfer/transfer.ts';
