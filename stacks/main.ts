import { environment } from './index.ts';

/** The program of a repository that adds nothing to its environments: `main:` of its Pulumi.yaml points here. */
const { url, urls, namespace, environmentId, commit, temporalNamespace } = environment();

export { commit, environmentId, namespace, temporalNamespace, url, urls };
