import { resourceClass } from '../resource-class.ts';
import { readyContract } from './contract.ts';

/** Is there when everything that it depends on is ready. */
export class Ready extends resourceClass(readyContract) {}
