import { describe, expect, test } from 'vitest';
import { engineFrom, type Facts, nodesFrom } from '../../../../../cluster/drivers/k3d/facts.ts';
import { statusOf } from '../../../../../cluster/drivers/k3d/status.ts';
import { type Pins, verdict } from '../../../../../cluster/drivers/k3d/verdict.ts';
import { balancer, image, labels, nothing, registry, running, server, stopped } from './facts.ts';

const pins: Pins = {
  names: { cluster: 'coppice', registry: 'coppice-registry' },
  owner: labels['coppice.dev/owner'],
  image,
  configLabel: labels['coppice.dev/cluster'],
  ports: { http: 80, https: 443, postgres: 15432, temporal: 17233, registry: 5111 },
  platform: 'linux',
};
const mac: Pins = { ...pins, platform: 'darwin' };
/** Output of `docker info --format '{{json .}}'` from Docker 20.10. */
const silent = (error: string): Facts => ({
  ...nothing,
  clusters: undefined,
  engine: engineFrom(1, JSON.stringify({ ServerErrors: [error], ClientInfo: { Context: 'default' } }), ''),
});
const denied = silent(
  'permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get "http://%2Fvar%2Frun%2Fdocker.sock/v1.24/info": dial unix /var/run/docker.sock: connect: permission denied',
);
const down = silent(
  'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
);

describe('every problem is recognized, reported in one sentence, and repaired or not touched', () => {
  const lost = (name: string): Facts => ({
    ...running,
    nodes: running.nodes.filter((node) => node.name !== name),
  });
  const cases: [string, Facts, Pins, object][] = [
    [
      'Docker absent',
      { ...nothing, engine: undefined },
      pins,
      { situation: 'docker-absent', start: 'refuse' },
    ],
    ['Docker not permitted', denied, pins, { situation: 'docker-denied', start: 'refuse' }],
    ['Docker stopped', down, pins, { situation: 'docker-stopped', start: 'refuse' }],
    [
      'Docker that is another one than the recorded',
      { ...running, recordedEngine: 'QX5A:OTHER' },
      pins,
      { situation: 'other-engine', start: 'refuse' },
    ],
    ['no cluster', nothing, pins, { situation: 'absent', start: 'create' }],
    ['port 80 taken', { ...nothing, taken: [80] }, pins, { situation: 'port-taken', start: 'refuse' }],
    [
      'another cluster of the same name that is not ours',
      { ...running, nodes: [{ ...server, labels: { app: 'k3d', 'k3d.cluster': 'coppice' } }] },
      pins,
      { situation: 'foreign', start: 'refuse' },
    ],
    [
      'another cluster of the same name that is not ours, with a registry that is called like ours',
      { ...running, nodes: [registry, { ...server, labels: { app: 'k3d', 'k3d.cluster': 'coppice' } }] },
      pins,
      { situation: 'foreign', start: 'refuse' },
    ],
    [
      'the cluster of another user of the engine',
      running,
      { ...pins, owner: 'ffffffffffff' },
      { situation: 'another', start: 'refuse' },
    ],
    [
      'a cluster whose making was ended in the middle',
      { ...running, nodes: [registry, server, { ...balancer, state: 'created' }] },
      pins,
      { situation: 'unfinished', start: 'recreate' },
    ],
    [
      'the container of the registry deleted',
      { ...running, nodes: [server, balancer] },
      pins,
      { situation: 'no-registry', start: 'nothing' },
    ],
    [
      'the container of the server deleted',
      lost('k3d-coppice-server-0'),
      pins,
      { situation: 'node-missing', start: 'recreate' },
    ],
    [
      'the container of the load balancer deleted',
      lost('k3d-coppice-serverlb'),
      pins,
      { situation: 'node-missing', start: 'recreate' },
    ],
    [
      'every node deleted and the registry left',
      { ...running, clusters: [], nodes: [registry], api: undefined },
      pins,
      { situation: 'node-missing', start: 'recreate' },
    ],
    ['the cluster stopped by hand', stopped, pins, { situation: 'stopped', start: 'start' }],
    [
      'one container stopped',
      { ...running, nodes: [registry, server, { ...balancer, state: 'exited' }] },
      pins,
      { situation: 'stopped', start: 'start' },
    ],
    [
      'port 80 taken while the cluster was stopped',
      { ...stopped, taken: [80] },
      pins,
      { situation: 'port-taken', start: 'refuse' },
    ],
    [
      'Docker restarted or the laptop slept, and the API not back yet',
      { ...running, api: { answers: false, error: 'connect ECONNREFUSED 127.0.0.1:46237' } },
      pins,
      { situation: 'api-silent', start: 'wake' },
    ],
    [
      'an older cluster than our pins',
      running,
      { ...pins, image: 'docker.io/rancher/k3s:v1.35.1-k3s1' },
      { situation: 'older', start: 'nothing' },
    ],
    [
      'a cluster made of other settings',
      running,
      { ...pins, configLabel: '00000000' },
      { situation: 'changed', start: 'nothing' },
    ],
  ];
  test.each(cases)('%s', (_, facts, asked, expected) => {
    const found = verdict(facts, asked);
    expect(found).toMatchObject(expected);
    // One sentence, and a next step.
    expect(found.sentence).toMatch(/^(Docker|[a-z]).*[^\s.]$/);
    expect(found.sentence).not.toMatch(/\. [A-Z]/);
    expect(found.next).toMatch(/\S/);
    expect(statusOf(facts, found).problem).toContain(found.sentence);
  });

  test('a running cluster has no problem', () => {
    expect(verdict(running, pins)).toMatchObject({ situation: 'running', start: 'nothing' });
    expect(statusOf(running, verdict(running, pins))).toMatchObject({ state: 'running' });
    expect(statusOf(running, verdict(running, pins)).problem).toBeUndefined();
  });
});

test('the sentence names its subject: the port and its setting, the lost container, both images', () => {
  expect(verdict({ ...nothing, taken: [80] }, pins)).toMatchObject({
    sentence: expect.stringContaining('port 80'),
    next: expect.stringContaining('`ports.http`'),
  });
  expect(verdict({ ...nothing, taken: [5111] }, pins).next).toContain('`k3d.registryPort`');
  expect(verdict({ ...running, nodes: [registry, server] }, pins).sentence).toContain('k3d-coppice-serverlb');
  const older = verdict(running, { ...pins, image: 'docker.io/rancher/k3s:v1.35.1-k3s1' });
  expect(older.sentence).toContain(image);
  expect(older.sentence).toContain('v1.35.1');
});

test('the next command is one for this system', () => {
  expect(verdict(down, pins).next).toContain('systemctl');
  expect(verdict(down, mac).next).toMatch(/Docker Desktop.*colima start/);
  expect(verdict({ ...nothing, engine: undefined }, pins).next).toContain('--driver embedded');
  expect(verdict({ ...nothing, engine: undefined }, mac).next).not.toContain('embedded');
  expect(verdict(denied, pins).next).toContain('usermod -aG docker');
});

test('a cluster exists if Docker has its containers, even if k3d could not be queried', () => {
  expect(verdict({ ...running, clusters: undefined }, pins).situation).toBe('running');
});

test('a stopped cluster of an older version is started before its version matters', () => {
  expect(verdict(stopped, { ...pins, image: 'docker.io/rancher/k3s:v1.35.1-k3s1' }).start).toBe('start');
});

test('a port held by our own running containers is not taken', () => {
  expect(verdict({ ...running, taken: [] }, pins).situation).toBe('running');
});

test('states are those of wt cluster status', () => {
  const state = (facts: Facts, asked = pins) => statusOf(facts, verdict(facts, asked)).state;
  expect(state(nothing)).toBe('absent');
  expect(state(stopped)).toBe('stopped');
  expect(state(down)).toBe('degraded');
  expect(state(running, { ...pins, configLabel: '00000000' })).toBe('running');
});

test('containers are read from what docker inspect prints', () => {
  const inspected = {
    Name: '/k3d-coppice-server-0',
    State: { Status: 'running', Running: true },
    Config: { Image: image, Labels: { ...labels, 'k3d.role': 'server' } },
    HostConfig: {
      Binds: server.binds,
      PortBindings: {
        '30080/tcp': [{ HostIp: '127.0.0.1', HostPort: '80' }],
        '6443': [{ HostIp: '127.0.0.1', HostPort: '46237' }],
        '9000/tcp': null,
      },
    },
  };
  const tools = {
    ...inspected,
    Name: '/k3d-coppice-tools',
    Config: { Image: 'ghcr.io/k3d-io/k3d-tools:5.9.0', Labels: { 'k3d.role': 'noRole' } },
    HostConfig: { Binds: null, PortBindings: null },
  };
  expect(nodesFrom(JSON.stringify([tools, inspected]))).toEqual([
    {
      ...server,
      ports: [
        { container: 6443, host: 46237 },
        { container: 30080, host: 80 },
      ],
    },
  ]);
});

test('an engine that answers is identified by its ID; one that does not reports why', () => {
  const info = { ID: 'FFCL', OperatingSystem: 'Docker Desktop', ServerVersion: '28.5.2' };
  expect(engineFrom(0, JSON.stringify(info), '')).toEqual({
    answers: true,
    id: 'FFCL',
    system: 'Docker Desktop',
    version: '28.5.2',
  });
  expect(engineFrom(1, '', 'error during connect: no pipe\n')).toEqual({
    answers: false,
    error: 'error during connect: no pipe',
  });
  expect(engineFrom(-1, '', '')).toMatchObject({ error: expect.stringContaining('ended with -1') });
});
