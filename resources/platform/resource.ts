import { resourceClass } from '../resource-class.ts';
import { platformContract } from './contract.ts';

/** Owns the platform's namespace. */
export class PlatformClaim extends resourceClass(platformContract) {}
