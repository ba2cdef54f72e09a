import { environment } from './index.ts';

/**
 * The program of a repository that adds nothing to its environments: `main:` of its Pulumi.yaml points here.
 * scripts/build.mjs makes this the module itself, as Pulumi warns about each export that is undefined.
 */
export default environment().outputs;
