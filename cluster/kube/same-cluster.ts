import { CoppiceError } from '../../core/errors.ts';

/** Throws COPPICE_OTHER_CLUSTER unless `uid`, which the cluster of `context` has now, is the recorded one. */
export function requireSameUid(context: string, uid: string, recorded: string): void {
  if (uid === recorded) return;
  throw new CoppiceError(
    'COPPICE_OTHER_CLUSTER',
    `context ${context} is a different cluster (${uid}) than the recorded one (${recorded})`,
    {
      hint: 'point the context back to the old cluster, or run `wt cluster start` to use the new one; a stack of your own then needs `pulumi refresh`',
    },
  );
}
