import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import {
  cniConfig,
  configFiles,
  containerdConfig,
  corefile,
  kubeadmConfig,
  kubeletConfig,
  kubeProxyConfig,
} from '../../../../cluster/drivers/embedded/config-files.ts';
import { layoutOf } from '../../../../cluster/drivers/embedded/layout.ts';
import { processTable } from '../../../../cluster/drivers/embedded/processes.ts';
import { settingsSchema } from '../../../../config/settings/settings.ts';
import { configContext, programs } from './fixture.ts';

const everything = () =>
  [
    ...configFiles(configContext).map(({ text }) => text),
    ...processTable(configContext, programs).map(({ argv }) => argv.join('\n')),
  ].join('\n');

test('no process and no file uses every address', () => {
  expect(everything()).not.toMatch(/0\.0\.0\.0(?!\/0)|\[::\]|=:\d/);
});

test('every configured listen address is the bridge or loopback', () => {
  const addresses = everything().match(/(?:bind-address|[aA]ddress|bind)["=:\s]+"?(\d[\d.]+)/g) ?? [];
  expect(addresses.length).toBeGreaterThanOrEqual(5);
  for (const text of addresses) expect(text).toMatch(/(10\.213\.0\.1|127\.0\.0\.1)$/);
});

test('what listens by default and is not needed here is turned off', () => {
  const argv = Object.fromEntries(
    processTable(configContext, programs).map(({ name, argv }) => [name, argv]),
  );
  expect(argv.kine).toContain('--metrics-bind-address=0');
  expect(argv.kine).toContain('--emulated-etcd-version=3.5.12');
  expect(argv['kube-controller-manager']).toContain('--secure-port=0');
  expect(argv['kube-scheduler']).toContain('--secure-port=0');
  expect(kubeletConfig(configContext)).toMatchObject({ healthzPort: 0 });
});

test('no pod waits for a watch of its secrets', () => {
  expect(kubeletConfig(configContext)).toMatchObject({ configMapAndSecretChangeDetectionStrategy: 'Cache' });
});

test('nobody is served without authentication', () => {
  const api = processTable(configContext, programs).find(({ name }) => name === 'kube-apiserver')?.argv;
  expect(api).toContain('--anonymous-auth=false');
  expect(kubeletConfig(configContext)).toMatchObject({
    authentication: { anonymous: { enabled: false }, webhook: { enabled: true } },
    authorization: { mode: 'Webhook' },
  });
});

test('the process that enforces policies is not wanted until its program is there, and has credentials of its own', () => {
  const wanted = processTable(configContext, programs).filter(({ wantedWith }) => wantedWith !== undefined);
  expect(wanted.map(({ name, wantedWith }) => [name, wantedWith])).toEqual([
    ['kube-network-policies', '/var/lib/coppice/programs/kube-network-policies'],
  ]);
  expect(wanted[0]?.argv).toContain('--kubeconfig=/var/lib/coppice/kubeconfigs/kube-network-policies.conf');
});

test('the database of the API server is a socket that only root can open', () => {
  const kine = processTable(configContext, programs).find(({ name }) => name === 'kine');
  expect(kine?.argv).toContain('--listen-address=unix:///run/coppice/kine/kine.sock');
  expect(kine?.umask).toBe(0o177);
});

test('containerd keeps to its own folders, and takes a score that root may not be allowed to lower', () => {
  const config = containerdConfig(configContext);
  for (const line of [
    'root = "/var/lib/coppice/containerd"',
    'state = "/run/coppice/containerd"',
    'restrict_oom_score_adj = true',
    'SystemdCgroup = false',
    'netns_mounts_under_state_dir = true',
    'disable_apparmor = true',
    'bin_dir = "/opt/cni/bin"',
  ]) {
    expect(config).toContain(line);
  }
});

test('containers keep their AppArmor profile where the machine has AppArmor', () => {
  expect(containerdConfig({ ...configContext, apparmor: true })).toContain('disable_apparmor = false');
});

test('two clusters on one machine have their own cgroups', () => {
  const other = settingsSchema.parse({ embedded: { runFolder: '/tmp/other/run' } }).embedded;
  expect(layoutOf(other).cgroup).not.toBe(configContext.layout.cgroup);
  expect(kubeletConfig(configContext)).toMatchObject({ cgroupRoot: `/${configContext.layout.cgroup}` });
});

test('imported images are never collected', () => {
  expect(kubeletConfig(configContext)).toMatchObject({ imageGCHighThresholdPercent: 100 });
});

test('kube-proxy does not change the machine-wide connection table', () => {
  expect(kubeProxyConfig(configContext)).toMatchObject({
    mode: 'iptables',
    conntrack: { maxPerCore: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  });
});

test('pods get addresses in their range from the bridge, and no rule of their own', () => {
  expect(cniConfig(configContext)).toMatchObject({
    name: 'coppice0',
    plugins: [
      {
        type: 'bridge',
        bridge: 'coppice0',
        ipMasq: false,
        ipam: { ranges: [[{ subnet: '10.213.0.0/16' }]] },
      },
    ],
  });
});

test('outside names are resolved by the machine’s servers, and by none if it has none', () => {
  expect(corefile(configContext)).toContain('forward . 192.0.2.53');
  expect(corefile({ ...configContext, nameservers: [] })).not.toContain('forward');
});

test('kubeadm signs for the bridge’s address and puts certificates into the data folder', () => {
  const [cluster, init] = parseAllDocuments(kubeadmConfig(configContext)).map((document) => document.toJS());
  expect(cluster).toMatchObject({ certificatesDir: '/var/lib/coppice/pki', kubernetesVersion: 'v1.34.10' });
  expect(init).toMatchObject({ localAPIEndpoint: { advertiseAddress: '10.213.0.1', bindPort: 6443 } });
});

test('every YAML file can be read again', () => {
  const files = configFiles(configContext).filter(({ path }) => /kube(let|-proxy)\.yaml$/.test(path));
  expect(files).toHaveLength(2);
  for (const { text } of files) expect(parse(text)).toHaveProperty('apiVersion');
});
