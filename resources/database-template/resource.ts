import { resourceClass } from '../resource-class.ts';
import { databaseTemplateContract } from './contract.ts';

/** The template of an environment's database, made by our own code: the plugin has no word for that. */
export class DatabaseTemplate extends resourceClass(databaseTemplateContract) {}
