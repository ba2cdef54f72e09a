import { resourceClass } from '../resource-class.ts';
import { databaseAccessContract } from './contract.ts';

/** Password, migrations and Secret of a database that the plugin created. */
export class DatabaseAccess extends resourceClass(databaseAccessContract) {}
