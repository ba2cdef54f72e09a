import { resourceClass } from '../resource-class.ts';
import { databaseTemplateContract } from './contract.ts';

/** The template of an environment's database, built by our own code: the plugin has no templates. */
export class DatabaseTemplate extends resourceClass(databaseTemplateContract) {}
