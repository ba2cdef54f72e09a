/** Milliseconds that the last spans get when the process is to end. */
const patience = 500;

/**
 * Sends what is left when the process gets SIGTERM. A listener takes the signal's effect away, so where no other one
 * is there to end the process, the signal is sent again without this one.
 */
export function flushAtEnd(flush: () => Promise<unknown>): void {
  process.once('SIGTERM', () => {
    const isLast = process.listenerCount('SIGTERM') === 0;
    const end = () => {
      if (isLast) process.kill(process.pid, 'SIGTERM');
    };
    const late = new Promise((resolve) => setTimeout(resolve, patience).unref());
    Promise.race([flush(), late]).then(end, end);
  });
}
