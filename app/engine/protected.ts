import { CoppiceError } from '../../core/errors.ts';
import type { StackName, StackState } from './stack-state.ts';

/** Throws COPPICE_PROTECTED with what a team's own program protects in these stacks, for the caller to lose nothing. */
export function refuseProtected(stacks: readonly (readonly [StackName, StackState])[]): void {
  const lines = stacks.flatMap(([{ project, stack }, { resources }]) => {
    const urns = resources.flatMap(({ protect, urn }) => (protect ? [`  ${urn}`] : []));
    return urns.length === 0
      ? []
      : [`${project}/${stack} has protected resources, so nothing was removed:`, ...urns];
  });
  if (lines.length === 0) return;
  throw new CoppiceError('COPPICE_PROTECTED', lines.join('\n'), {
    hint: 'remove `protect` from them in your program and run `wt up`, or in the folder of the program: pulumi state unprotect URN',
  });
}
