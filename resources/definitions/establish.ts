import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { apiMessage, type Kube, unlessGone } from '../../cluster/kube/client.ts';
import { CoppiceError } from '../../core/errors.ts';
import { fieldManager, Label, managedBy } from '../../core/labels.ts';
import { until } from '../../core/until.ts';
import type { DefinitionsInputs } from './contract.ts';

interface Definition {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

const crds = { group: 'apiextensions.k8s.io', version: 'v1', plural: 'customresourcedefinitions' };
const ESTABLISH_MS = 30_000;

/**
 * Installs definitions that are missing or were installed by us, does not touch others', and waits until the API serves
 * them all.
 */
export async function establish(kube: Kube, inputs: DefinitionsInputs, signal: AbortSignal): Promise<void> {
  const wanted = await readDefinitions(inputs);
  await Promise.all(wanted.map((definition) => install(kube, definition)));
  await until(() => missing(kube, inputs), {
    done: (absent) => absent.length === 0,
    every: 50,
    within: ESTABLISH_MS,
    late: (absent) => new CoppiceError('COPPICE_DEFINITIONS', `the API does not serve ${absent.join(', ')}`),
    signal,
  });
}

/** Names of the definitions that the API does not serve. */
export async function missing(kube: Kube, { kinds }: DefinitionsInputs): Promise<string[]> {
  const there = await Promise.all(kinds.map((name) => read(kube, name)));
  return kinds.filter((_name, at) => !there[at]?.status?.conditions?.some(isEstablished));
}

function isEstablished({ type, status }: { readonly type: string; readonly status: string }): boolean {
  return type === 'Established' && status === 'True';
}

async function install(kube: Kube, definition: Definition): Promise<void> {
  const { name } = definition.metadata;
  const there = await read(kube, name);
  if (there && there.metadata.labels?.[Label.managedBy] !== managedBy) return;
  const labels = { ...definition.metadata.labels, [Label.managedBy]: managedBy };
  const body = { ...definition, metadata: { ...definition.metadata, labels } };
  try {
    await kube.objects.patchClusterCustomObject(
      { ...crds, name, body, fieldManager, force: true },
      kube.serverSideApply,
    );
  } catch (cause) {
    throw new CoppiceError('COPPICE_DEFINITIONS', `${name} cannot be installed: ${apiMessage(cause)}`, {
      cause,
    });
  }
}

function read(kube: Kube, name: string): Promise<Definition | undefined> {
  return unlessGone(kube.objects.getClusterCustomObject({ ...crds, name }) as Promise<Definition>);
}

async function readDefinitions({ folder, kinds }: DefinitionsInputs): Promise<Definition[]> {
  const texts = await Promise.all((await yamlFiles(folder)).map((file) => readFile(file, 'utf8')));
  const found = texts
    .flatMap((text) => parseAllDocuments(text).map((document) => document.toJS() as Definition | null))
    .filter((document): document is Definition => document?.kind === 'CustomResourceDefinition')
    .filter(({ metadata }) => kinds.includes(metadata.name));
  const absent = kinds.filter((kind) => !found.some(({ metadata }) => metadata.name === kind));
  if (absent.length === 0) return found;
  throw new CoppiceError('COPPICE_DEFINITIONS', `${folder} has no definition of ${absent.join(', ')}`, {
    hint: 'run `wt toolchain install gateway-api-crds`',
  });
}

async function yamlFiles(folder: string): Promise<string[]> {
  if ((await stat(folder)).isFile()) return [folder];
  return (await readdir(folder)).filter((name) => name.endsWith('.yaml')).map((name) => join(folder, name));
}
