import { resourceClass } from '../resource-class.ts';
import { definitionsContract } from './contract.ts';

/** Resource definitions that are installed where missing, and stay. */
export class Definitions extends resourceClass(definitionsContract) {}
