import { type FileHandle, open } from 'node:fs/promises';
import { pause } from '../../core/pause.ts';

/** Milliseconds between two looks at the file; a person sees no difference below it. */
const INTERVAL_MS = 40;

/** Gives every whole line that is appended to a file, until `stop`, which reads the rest first. */
export function tailLines(file: string, onLine: (line: string) => void): { stop(): Promise<void> } {
  let handle: FileHandle | undefined;
  let position = 0;
  let rest = '';
  let stopped = false;
  const buffer = Buffer.alloc(256 * 1024);
  // Bytes of a character that a read cut in two wait here for the others.
  const decoder = new TextDecoder();

  const readOn = async () => {
    handle ??= await open(file, 'r').catch(() => undefined);
    if (!handle) return;
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, position);
      if (bytesRead === 0) return;
      position += bytesRead;
      const lines = (rest + decoder.decode(buffer.subarray(0, bytesRead), { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line !== '') onLine(line);
    }
  };
  const watching = (async () => {
    while (!stopped) {
      await readOn();
      await pause(INTERVAL_MS);
    }
    await readOn();
    await handle?.close();
  })();
  return {
    stop: () => {
      stopped = true;
      return watching;
    },
  };
}
