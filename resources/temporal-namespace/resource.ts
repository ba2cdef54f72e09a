import { resourceClass } from '../resource-class.ts';
import { temporalContract } from './contract.ts';

/** An environment's namespace in Temporal, and the Secret for its pods where the server is managed. */
export class TemporalNamespace extends resourceClass(temporalContract) {}
