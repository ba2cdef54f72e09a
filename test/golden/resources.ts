import { setMocks } from '@pulumi/pulumi/runtime/mocks.js';
import { disconnect, getMonitor, resetOptions } from '@pulumi/pulumi/runtime/settings.js';

export interface RecordedResource {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** What a resource waits for, what it is deleted with, by name, and which properties it ignores. */
export interface Relations {
  readonly dependencies: readonly string[];
  readonly deletedWith?: string;
  /** Properties whose change has no effect. */
  readonly ignoreChanges?: readonly string[];
}

/** What the claim would return. */
export const environmentId = '3f2a9c1b';
/** What Temporal would return. */
export const temporalNamespaceId = '2c9d7f10-0000-4000-8000-000000000000';

/** Outputs of our resources that others read. */
const outputs: Readonly<Record<string, object>> = {
  'coppice:index:Environment': { environmentId, namespace: 'set-by-claim' },
  'coppice:index:TemporalNamespace': { namespaceId: temporalNamespaceId, created: true },
  'coppice:index:DatabaseTemplate': {
    template: 'tpl_shop__0123456789abcdef',
    maintenance: 'postgres',
    host: 'db.example.com',
    port: '5432',
    username: 'manager',
    sslmode: 'verify-full',
  },
};

/** Runs a program under Pulumi's mocks, which stand for the engine, and returns every resource that it registered. */
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
        return { id: `${name}-id`, state: { ...inputs, ...outputs[type] } };
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
  getType(): string;
  getName(): string;
  getDependenciesList(): string[];
  getDeletedwith(): string;
  getIgnorechangesList(): string[];
}

/** The mocks only receive inputs; dependencies are in the request to the engine. */
function noteRelations(relations: Map<string, Relations>): void {
  const monitor = getMonitor() as unknown as { registerResource(request: Request, done: unknown): unknown };
  const register = monitor.registerResource.bind(monitor);
  const nameOf = (urn: string) => urn.split('::').at(-1) ?? '';
  monitor.registerResource = (request, done) => {
    const dependencies = request.getDependenciesList().map(nameOf);
    const deletedWith = nameOf(request.getDeletedwith());
    const ignoreChanges = request.getIgnorechangesList();
    const own = {
      dependencies,
      ...(deletedWith && { deletedWith }),
      ...(ignoreChanges.length > 0 && { ignoreChanges }),
    };
    const kind = request.getType().split(':').at(-1);
    // Several kinds may share a name.
    for (const name of [request.getName(), `${kind} ${request.getName()}`]) relations.set(name, own);
    return register(request, done);
  };
}

function key({ type, name }: RecordedResource): string {
  return `${type} ${name}`;
}
