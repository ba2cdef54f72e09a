import type { VerbPorts } from '../../../cli/define.ts';
import { SilentScreen } from '../../../cli/ui/screen.ts';
import { Interrupts } from '../../../core/interrupts.ts';
import { Phases } from '../../../core/phases.ts';

/** A verb's surroundings without a terminal, where every question fails. */
export function testPorts(changes: Partial<VerbPorts> = {}): VerbPorts {
  return {
    cwd: process.cwd(),
    env: {},
    out: () => {},
    streams: process,
    leadsShell: false,
    terminal: { input: false, output: false, color: false },
    json: false,
    verbose: false,
    timings: false,
    screen: new SilentScreen(),
    phases: new Phases(),
    interrupts: new Interrupts(),
    ask: async () => false,
    ...changes,
  };
}
