import { resourceClass } from '../resource-class.ts';
import { passwordContract } from './contract.ts';

/** A Secret whose key `password` is random; the password itself is in no state. */
export class Password extends resourceClass(passwordContract) {}
