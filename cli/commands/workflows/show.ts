import type { Command } from '../../ports.ts';
import type { Target } from '../../verb.ts';

export const show: Command<
  Target & { readonly limit?: string; readonly id?: string; readonly run?: string }
> = async () => ({ text: '', json: {} });
