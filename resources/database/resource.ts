import { resourceClass } from '../resource-class.ts';
import { databaseContract } from './contract.ts';

/** An environment's PostgreSQL database, cloned from the template of its migrations, and the Secret for its pods. */
export class Database extends resourceClass(databaseContract) {}
