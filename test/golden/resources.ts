import { setMocks } from '@pulumi/pulumi/runtime/mocks.js';
import { disconnect, getMonitor, resetOptions } from '@pulumi/pulumi/runtime/settings.js';

export interface RecordedResource {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** What a resource waits for, and with what it goes, by name. */
export interface Relations {
  readonly dependencies: readonly string[];
  readonly deletedWith?: string;
}

/** What the claim would answer. */
export const environmentId = '3f2a9c1b';

/** Runs a program under Pulumi's mocks, which stand for the engine, and returns every resource that it asked for. */
export async function resourcesOf(
  project: string,
  stack: string,
  program: () => Promise<unknown>,
  relations = new Map<string, Relations>(),
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
  noteRelations(relations);
  try {
    await program();
    // Resolves when every registration has been answered.
    await disconnect();
  } finally {
    resetOptions(project, stack, 0, '', '', false, '');
  }
  return resources.sort((one, other) => key(one).localeCompare(key(other)));
}

interface Request {
  getName(): string;
  getDependenciesList(): string[];
  getDeletedwith(): string;
}

/** The mocks hand over inputs alone; what a resource waits for stands in the request to the engine. */
function noteRelations(relations: Map<string, Relations>): void {
  const monitor = getMonitor() as unknown as { registerResource(request: Request, done: unknown): unknown };
  const register = monitor.registerResource.bind(monitor);
  const nameOf = (urn: string) => urn.split('::').at(-1) ?? '';
  monitor.registerResource = (request, done) => {
    const dependencies = request.getDependenciesList().map(nameOf);
    const deletedWith = nameOf(request.getDeletedwith());
    relations.set(request.getName(), { dependencies, ...(deletedWith && { deletedWith }) });
    return register(request, done);
  };
}

function key({ type, name }: RecordedResource): string {
  return `${type} ${name}`;
}
