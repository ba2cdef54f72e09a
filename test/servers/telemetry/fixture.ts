import { test as base } from 'vitest';
import type { TestPod } from './pods-api.ts';
import { type Stack, type StackOptions, startStack } from './stack.ts';

/** Tests of a file with a stack, which is removed after the last. */
export function stackTest(pods: readonly TestPod[], options?: StackOptions) {
  let started: Stack | undefined;
  const test = base
    .extend('startedStack', { scope: 'file' }, () => startStack(pods, options))
    .extend('cleanUp', { scope: 'file', auto: true }, async ({ startedStack }, { onCleanup }) => {
      started = startedStack;
      onCleanup(startedStack.remove);
      return startedStack;
    });
  const stack = () => {
    if (!started) throw new Error('the stack starts with the first test');
    return started;
  };
  return { test, stack };
}
