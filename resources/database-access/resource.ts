import { resourceClass } from '../resource-class.ts';
import { databaseAccessContract } from './contract.ts';

/** Password, migrations and Secret of a database that the plugin made. */
export class DatabaseAccess extends resourceClass(databaseAccessContract) {}
