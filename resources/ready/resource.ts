import { resourceClass } from '../resource-class.ts';
import { readyContract } from './contract.ts';

/** Exists once everything that it depends on is ready. */
export class Ready extends resourceClass(readyContract) {}
