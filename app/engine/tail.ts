import { type FileHandle, open } from 'node:fs/promises';
import { pause } from '../../core/pause.ts';

/** Milliseconds between two reads of the file; a person notices no difference below that. */
const INTERVAL_MS = 40;

/** Passes on every complete line that is appended to a file, until `stop`, which reads the rest first. */
export function tailLines(file: string, onLine: (line: string) => void): { stop(): Promise<void> } {
  let handle: FileHandle | undefined;
  let position = 0;
  let rest = '';
  let stopped = false;
  const buffer = Buffer.alloc(256 * 1024);
  // Holds the bytes of a character that was cut by a read.
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
