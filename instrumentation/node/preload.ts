import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { isTool } from './tools.ts';

/**
 * Loaded by NODE_OPTIONS into every node process of a pod: it decides whether that process is instrumented, and loads
 * the rest only then. It must run in any node, and whatever goes wrong here may not stop the app.
 */

/** As `engines` of OpenTelemetry's packages. */
function isSupported(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 20 || (major === 20 && minor >= 6) || (major === 18 && minor >= 19);
}

function isWanted(env: NodeJS.ProcessEnv): boolean {
  if ((env.OTEL_SDK_DISABLED || '').toLowerCase() === 'true') return false;
  return Boolean(env.OTEL_EXPORTER_OTLP_ENDPOINT || env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT);
}

/** The process that waits for changes under `node --watch`; the one that it starts is the app. */
function isWatcher(): boolean {
  return (
    process.execArgv.some((word) => word.startsWith('--watch')) && !process.env.WATCH_REPORT_DEPENDENCIES
  );
}

function programOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** Once for a process and all that it starts. */
function say(text: string): void {
  if (process.env.COPPICE_INSTRUMENTATION_SAID === text) return;
  process.env.COPPICE_INSTRUMENTATION_SAID = text;
  process.stderr.write(`coppice: ${text}\n`);
}

function start(): void {
  const [, program] = process.argv;
  if (!isMainThread || !isWanted(process.env) || isWatcher()) return;
  if (program !== undefined && isTool(programOf(program))) return;
  if (!isSupported(process.versions.node)) {
    say(`this node is ${process.version}: without 18.19, 20.6 or newer nothing here is traced`);
    return;
  }
  try {
    // Beside this file, and outside of it: to read it takes ten times as long as everything above.
    require(join(__dirname, 'sdk.cjs'));
  } catch (error) {
    say(`nothing here is traced: ${error instanceof Error ? error.message : String(error)}`);
  }
}

start();
