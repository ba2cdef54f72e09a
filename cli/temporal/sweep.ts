import { nothingSwept, type Swept } from '../platform/swept.ts';
import type { Ports } from '../ports.ts';

export async function sweepTemporal(_: Ports): Promise<Swept> {
  return nothingSwept;
}
