/** A database on its way to another server. */

export { type CarriedDatabase, type Filling, putBack, readmit, takeAlong } from './transfer/transfer.ts';
