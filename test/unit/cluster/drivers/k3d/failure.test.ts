import { expect, test } from 'vitest';
import { failureError } from '../../../../../cluster/drivers/k3d/failure.ts';

const args = ['cluster', 'create', '--config', 'x.yaml'];
/** Output of k3d 5.9.0 for a node that did not start, including the engine's message. */
const fromK3d = (message: string) =>
  failureError(
    args,
    `INFO[0003] Starting node 'k3d-coppice-server-0'
ERRO[0003] Failed Cluster Start: Failed to start server k3d-coppice-server-0: Node k3d-coppice-server-0 failed to get ready: ${message}
FATA[0004] Cluster creation FAILED, all changes have been rolled back!`,
    'coppice',
  );
const endpoint = 'driver failed programming external connectivity on endpoint k3d-coppice-serverlb (14c43d)';

test.each([
  // https://github.com/moby/moby/issues/25877
  ['of Docker 20.10', `${endpoint}: Bind for 127.0.0.1:80 failed: port is already allocated`],
  // https://github.com/woodjme/unifi-hotspot/issues/11; tcp4 in https://github.com/WWBN/AVideo/issues/7854
  [
    "of Docker's proxy",
    `${endpoint}: Error starting userland proxy: listen tcp4 127.0.0.1:80: bind: address already in use`,
  ],
  // https://github.com/winboat-org/winboat/issues/29
  [
    'of Docker 28',
    `failed to set up container networking: ${endpoint}: failed to bind host port for 127.0.0.1:80:172.18.0.2:30080/tcp: address already in use`,
  ],
  // TestAllocateExactPortInUse in daemon/libnetwork/portallocator of https://github.com/moby/moby
  [
    'of Docker 29',
    `failed to set up container networking: ${endpoint}: failed to bind host port 127.0.0.1:80/tcp: address already in use`,
  ],
  // https://github.com/juliusknorr/nextcloud-docker-dev/issues/273; the arrow to 127.0.0.1:0 in https://github.com/dataelement/bisheng/issues/1368
  [
    'of Docker Desktop',
    'Ports are not available: exposing port TCP 127.0.0.1:80 -> 127.0.0.1:0: listen tcp4 127.0.0.1:80: bind: address already in use',
  ],
  [
    'of Docker Desktop, in the words of its own network',
    'ports are not available: exposing port TCP 127.0.0.1:80 -> 127.0.0.1:0: address already in use',
  ],
])('a taken port is recognized by the message %s', (_, said) => {
  expect(fromK3d(said)).toMatchObject({
    code: 'COPPICE_PORT_TAKEN',
    message: 'port 80 on this machine is taken by another program',
    hint: expect.stringContaining('`ports`'),
  });
});

test.each([
  // https://github.com/onyx-dot-app/onyx/pull/6338, and with Docker 20.10 https://github.com/moby/moby/pull/40860
  [
    'by rootless Docker',
    `${endpoint}: error while calling RootlessKit PortManager.AddPort(): cannot expose privileged port 80, you can add 'net.ipv4.ip_unprivileged_port_start=80' to /etc/sysctl.conf (currently 1024), or set CAP_NET_BIND_SERVICE on rootlesskit binary, or choose a larger port number (>= 1024): listen tcp4 127.0.0.1:80: bind: permission denied`,
    'net.ipv4.ip_unprivileged_port_start=80',
  ],
  // https://github.com/docker/for-mac/issues/6977
  [
    'by Docker Desktop',
    'Ports are not available: exposing port TCP 127.0.0.1:80 -> 0.0.0.0:0: listen tcp 127.0.0.1:80: bind: permission denied',
    'Docker Desktop: Settings, Advanced',
  ],
  // https://github.com/docker/desktop-feedback/issues/672
  [
    'by Docker Desktop without its helper',
    'ports are not available: exposing port TCP 127.0.0.1:80 -> 127.0.0.1:0: connecting to /var/run/com.docker.vmnetd.sock: dial unix /var/run/com.docker.vmnetd.sock: connect: no such file or directory',
    'Docker Desktop: Settings, Advanced',
  ],
])('a port that is not permitted %s is distinguished from a taken one, with what to do', (_, said, hint) => {
  const error = fromK3d(said);
  expect(error).toMatchObject({
    code: 'COPPICE_PORT_DENIED',
    message: 'Docker may not listen on port 80 of this machine',
  });
  expect(error.hint).toContain('ports: {http: 8080}');
  expect(error.hint).toContain(hint);
});

test('a folder that Docker Desktop does not share is a root that the nodes cannot have', () => {
  // https://github.com/docker/desktop-linux/issues/177: on its own line.
  const error = fromK3d(
    'Mounts denied: \nThe path /srv/work is not shared from the host and is not known to Docker.',
  );
  expect(error).toMatchObject({
    code: 'COPPICE_ROOTS',
    message: expect.stringContaining('/srv/work'),
    hint: expect.stringContaining('Docker Desktop'),
  });
});

test('any other message is passed on unchanged, with where to look', () => {
  const error = failureError(args, 'FATA[0001] no space left on device', 'work');
  expect(error).toMatchObject({
    code: 'COPPICE_CLUSTER_FAILED',
    message: 'k3d cluster create: no space left on device',
    hint: expect.stringContaining('docker logs k3d-work-server-0'),
  });
  // A port in use within a container is not a port of this machine.
  expect(failureError(args, 'exit code 1: :6443 bind: address already in use', 'work').code).toBe(
    'COPPICE_CLUSTER_FAILED',
  );
});
