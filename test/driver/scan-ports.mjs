// Tries every TCP port of the given addresses and prints those that accept, as JSON: {"10.213.0.1": [6443]}. Plain
// JavaScript: it runs in a separate network namespace, with node alone.
import { connect } from 'node:net';

const AT_ONCE = 5000;
/** Milliseconds; both ends are on this machine. A dropped packet is never answered, however long we wait. */
const PATIENCE = 500;

function isOpen(host, port) {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (open) => {
      socket.destroy();
      resolve(open);
    };
    // Timers run before input is read: on a busy machine the answer may already be there.
    socket.setTimeout(PATIENCE, () => setImmediate(() => setImmediate(() => end(false))));
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}

async function openPorts(host) {
  const open = [];
  let next = 1;
  const worker = async () => {
    while (next <= 65535) {
      const port = next++;
      if (await isOpen(host, port)) open.push(port);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return open.sort((a, b) => a - b);
}

const found = {};
for (const host of process.argv.slice(2)) found[host] = await openPorts(host);
console.log(JSON.stringify(found));
