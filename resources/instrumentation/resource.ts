import { resourceClass } from '../resource-class.ts';
import { instrumentationContract } from './contract.ts';

/** What `instrument:` loads into the pods of an environment, in one language. */
export class Instrumentation extends resourceClass(instrumentationContract) {}
