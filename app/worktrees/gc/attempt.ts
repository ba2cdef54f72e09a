import { messageOf } from '../../../core/errors.ts';
import type { Known } from '../../activity/known.ts';

/** What work finds out, or in one line why it could not. */
export async function attempt<T>(work: () => Promise<T>): Promise<Known<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    return { unknown: messageOf(error).split('\n')[0] ?? '' };
  }
}
