import { setMocks } from '@pulumi/pulumi/runtime/mocks.js';
import { disconnect, resetOptions } from '@pulumi/pulumi/runtime/settings.js';

export interface RecordedResource {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** What the claim would answer. */
export const environmentId = '3f2a9c1b';

/** Runs a program under Pulumi's mocks, which stand for the engine, and returns every resource that it asked for. */
export async function resourcesOf(
  project: string,
  stack: string,
  program: () => Promise<unknown>,
): Promise<RecordedResource[]> {
  const resources: RecordedResource[] = [];
  await setMocks(
    {
      call: () => ({}),
      newResource: ({ type, name, inputs }) => {
        resources.push({ type, name, inputs });
        const outputs =
          type === 'coppice:index:Environment' ? { environmentId, namespace: 'set-by-claim' } : {};
        return { id: `${name}-id`, state: { ...inputs, ...outputs } };
      },
    },
    project,
    stack,
    false,
  );
  try {
    await program();
    // Resolves when every registration has been answered.
    await disconnect();
  } finally {
    resetOptions(project, stack, 0, '', '', false, '');
  }
  return resources.sort((one, other) => key(one).localeCompare(key(other)));
}

function key({ type, name }: RecordedResource): string {
  return `${type} ${name}`;
}
