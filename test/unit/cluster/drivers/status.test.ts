import { expect, test } from 'vitest';
import { bootId, processOf } from '../../../../cluster/drivers/embedded/proc.ts';
import { userKubeconfig } from '../../../../cluster/drivers/embedded/records.ts';
import { processParts } from '../../../../cluster/drivers/embedded/status.ts';

const self = processOf(process.pid) ?? { pid: 0, startTime: '' };
const state = { bootId: bootId(), networkNamespace: '', supervisor: self };

test('a process counts as running only if its pid still has the recorded start time', () => {
  const processes = [
    { name: 'kine', id: self, restarts: 2, lastEnd: 'signal SIGKILL' },
    { name: 'kubelet', id: { ...self, startTime: '1' }, restarts: 0 },
    { name: 'coredns', restarts: 0, waitsFor: 'https://10.213.0.1:6443/readyz' },
  ];
  expect(processParts({ ...state, processes })).toEqual([
    { name: 'supervisor', state: 'running', detail: `pid ${process.pid}` },
    { name: 'kine', state: 'running', detail: `pid ${process.pid}, restarted 2 times, last signal SIGKILL` },
    { name: 'kubelet', state: 'ended' },
    { name: 'coredns', state: 'ended', detail: 'waits for https://10.213.0.1:6443/readyz' },
  ]);
});

test('the user’s kubeconfig has one context, named after us', () => {
  const admin = `clusters: [{name: kubernetes, cluster: {server: "https://10.213.0.1:6443"}}]
users: [{name: kubernetes-admin, user: {client-key-data: a2V5}}]
contexts: []
`;
  const text = userKubeconfig(admin);
  expect(JSON.parse(text)).toMatchObject({
    'current-context': 'coppice',
    clusters: [{ name: 'coppice', cluster: { server: 'https://10.213.0.1:6443' } }],
    users: [{ name: 'coppice', user: { 'client-key-data': 'a2V5' } }],
    contexts: [{ name: 'coppice', context: { cluster: 'coppice', user: 'coppice' } }],
  });
  expect(text).not.toContain('kubernetes-admin');
});
