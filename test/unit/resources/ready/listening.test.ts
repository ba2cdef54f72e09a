import type { V1Pod } from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import type { Listener } from '../../../../cluster/kube/inside.ts';
import { whyNotListening } from '../../../../resources/ready/listening.ts';

const pod: V1Pod = { spec: { containers: [{ name: 'web', ports: [{ containerPort: 8080 }] }] } };

/** What is said of a pod whose process is that old, in seconds, and of a service that has `timeout` of them. */
function judged(age: number, timeout: number, ...listeners: Listener[]) {
  const processes = [{ pid: 1, parent: 0, command: 'java -jar app.jar', age: age * 1000 }];
  return whyNotListening({ pod, inside: { listeners, processes } }, false, timeout);
}

const on = (port: number, address = '0.0.0.0'): Listener => ({ address, port });

test('a port that does not match is said at once with both numbers, and given up after an eighth of the time', () => {
  const reason = 'listens on port 3003, and coppice.yaml says port 8080';
  expect(judged(2, 120, on(3003))).toEqual({ reason, certain: false });
  expect(judged(14, 120, on(3003))).toEqual({ reason, certain: false });
  expect(judged(16, 120, on(3003))).toEqual({ reason, certain: true });
});

test('a service that may take long is given that time', () => {
  expect(judged(9, 300, on(3003))).toMatchObject({ certain: false });
  expect(judged(38, 300, on(3003))).toMatchObject({ certain: true });
  expect(judged(7, 10, on(3003))).toMatchObject({ certain: false });
});

test.each([5005, 5678, 9229, 9464, 4369])('port %s, of a debugger or of metrics, proves nothing', (port) => {
  expect(judged(60, 120, on(port))).toEqual({
    reason: 'does not listen on port 8080 yet',
    certain: false,
  });
});

test('another port for this machine only may be a helper, and proves less', () => {
  const reason = 'listens on port 41237, and coppice.yaml says port 8080';
  expect(judged(20, 120, on(41237, '127.0.0.1'))).toEqual({ reason, certain: false });
  expect(judged(31, 120, on(41237, '127.0.0.1'))).toEqual({ reason, certain: true });
});
