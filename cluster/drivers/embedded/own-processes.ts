import { basename } from 'node:path';
import { cgroupProcesses } from './cgroups.ts';
import type { Layout } from './layout.ts';
import { allPids, commandLine, networkNamespace, type ProcessId, processOf } from './proc.ts';
import { readState, runningOf } from './supervisor-state.ts';

const programNames = new Set([
  'containerd',
  'containerd-shim-runc-v2',
  'kine',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubelet',
  'kube-proxy',
  'coredns',
  'kube-network-policies',
]);

/** Ours by record, by cgroup, or by a cluster program whose arguments name a path of ours: never by name alone. */
export function ownProcesses(layout: Layout): ProcessId[] {
  const byPath = allPids().filter((pid) => isOwnCommand(commandLine(pid), layout));
  const found = [
    ...runningOf(readState(layout)),
    ...cgroupProcesses(layout, 'all'),
    ...byPath.flatMap((pid) => processOf(pid) ?? []),
  ];
  return [...new Map(found.map((id) => [id.pid, id])).values()];
}

/** @internal Exported for its test, which passes in what programs print. */
export function isOwnCommand(argv: readonly string[], { run, data }: Pick<Layout, 'run' | 'data'>): boolean {
  if (!programNames.has(basename(argv[0] ?? ''))) return false;
  return argv.some((arg) =>
    [run, data].some((folder) => new RegExp(`(^|[=/:])${literal(folder)}/`).test(arg)),
  );
}

function literal(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

const kubernetesPrograms = new Set([
  'kube-proxy',
  'kubelet',
  'k3s',
  'k3s-server',
  'k0s',
  'rke2',
  'kubelite',
  'cilium-agent',
]);

/** A process that manages iptables in this network namespace for a cluster other than ours. */
export function foreignKubernetes(layout: Layout): { program: string; pid: number } | undefined {
  const own = new Set(ownProcesses(layout).map(({ pid }) => pid));
  const here = networkNamespace('self');
  for (const pid of allPids()) {
    const program = basename(commandLine(pid)[0] ?? '');
    if (kubernetesPrograms.has(program) && !own.has(pid) && networkNamespace(pid) === here)
      return { program, pid };
  }
  return undefined;
}
