/** Code that is the runtime's, a package's, or what we put into the pod. */
const foreign =
  /node_modules|^node:|^\/(usr|lib|lib64|opt\/coppice)\/|(site|dist)-packages|\/pkg\/mod\/|^<frozen |\/gems\//;
/** `at order (file:///app/api/server.js:27:13)`, `at async /app/a.js:1:2`. */
const javascript = /^\s+at (?:.*\()?(?:async )?(?:file:\/\/)?((?:\/|[\w.-]+\/)[^()]*:\d+:\d+)\)?\s*$/;
/** `  File "/app/shop/orders.py", line 12, in place` */
const python = /^\s*File "([^"]+)", line (\d+)/;
/** `	/app/orders.go:31 +0x1d` */
const go = /^\s+(\/\S+\.go:\d+)( \+0x[\da-f]+)?\s*$/;

/**
 * The place in the app's own code that a stack trace names, as it stands there: the innermost frame that is neither the
 * runtime's nor a package's. Undefined without one. Python writes the innermost last, all others first.
 */
export function ownPlace(trace: readonly string[]): string | undefined {
  const upwards = trace.flatMap((line) => javascript.exec(line)?.[1] ?? go.exec(line)?.[1] ?? []).find(isOwn);
  if (upwards !== undefined) return upwards;
  return trace
    .flatMap((line) => {
      const match = python.exec(line);
      return match === null ? [] : [`${match[1]}:${match[2]}`];
    })
    .filter(isOwn)
    .at(-1);
}

function isOwn(place: string): boolean {
  return !foreign.test(place);
}
