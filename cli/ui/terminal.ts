import colors from 'picocolors';
import type { Screen } from '../../app/screen.ts';
import type { Colors } from './rows.ts';
import { PlainScreen, type Redraw, SilentScreen, TerminalScreen } from './screen.ts';

export function terminalColors(enabled: boolean): Colors {
  const { green, red, dim, bold } = colors.createColors(enabled);
  return { green, red, dim, bold };
}

/** Milliseconds between two reminders of what is still running, where no live block can be drawn. */
const REMIND_MS = 10_000;

/**
 * Silence when it is wanted, a live block in a terminal, plain lines otherwise. A terminal without columns or rows
 * (some CI runners, `script` in a pipe) gets plain lines too: `log-update` draws nothing there. So does one that cannot
 * move its cursor (`TERM=dumb`: editors, agents), where every frame would stay.
 */
export function screenFor(
  stream: NodeJS.WriteStream,
  wanted: { readonly silent: boolean; readonly color: boolean; readonly term?: string | undefined },
): Screen {
  if (wanted.silent) return new SilentScreen();
  const draws = stream.isTTY && stream.columns && stream.rows && wanted.term !== 'dumb';
  if (!draws) return new PlainScreen(stream, { remindMs: REMIND_MS });
  return new TerminalScreen(
    redrawLater(stream),
    () => ({ columns: stream.columns || 80, rows: stream.rows || 24 }),
    terminalColors(wanted.color),
  );
}

/**
 * Loads `log-update` with the first frame: the quick answer never needs it. A later frame contains everything that
 * earlier ones had.
 */
function redrawLater(stream: NodeJS.WriteStream): Redraw {
  let loaded: Redraw | undefined;
  let loading = false;
  let frame = '';
  let over = false;
  const load = async () => {
    if (loading) return;
    loading = true;
    const { createLogUpdate } = await import('log-update');
    if (over) return;
    loaded = createLogUpdate(stream);
    loaded(frame);
  };
  const redraw = (next: string) => {
    frame = next;
    if (loaded) loaded(frame);
    else void load();
  };
  return Object.assign(redraw, {
    clear: () => loaded?.clear(),
    persist: (text: string) => (loaded ? loaded.persist(text) : void stream.write(`${text}\n`)),
    done: () => {
      over = true;
      if (loaded) loaded.done();
      else stream.write(`${frame}\n`);
    },
  });
}
