import { resourceClass } from '../resource-class.ts';
import { environmentContract } from './contract.ts';

/** Owns the namespace of an environment. */
export class EnvironmentClaim extends resourceClass(environmentContract) {}
