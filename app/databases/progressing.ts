import type { Ports } from '../ports.ts';

/** Shows work of which single steps take long: `progress` says what is done now. */
export async function progressing<T>(
  label: string,
  { screen }: Pick<Ports, 'screen'>,
  work: (progress: (text: string) => void) => Promise<T>,
): Promise<T> {
  const task = screen.start(label);
  try {
    const result = await work((text) => task.update(text));
    task.done();
    return result;
  } catch (error) {
    task.fail('failed');
    throw error;
  }
}
