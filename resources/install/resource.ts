import { resourceClass } from '../resource-class.ts';
import { installContract } from './contract.ts';

/** The volume that `install:` fills for the pods, where what the host has is for another system. */
export class Install extends resourceClass(installContract) {}
