import { resourceClass } from '../resource-class.ts';
import { installContract } from './contract.ts';

/** The volume that `install:` fills for the pods, where the host's packages are for another system. */
export class Install extends resourceClass(installContract) {}
