import type { DriverContext } from '../../driver.ts';
import type { Names } from './names.ts';

/** What every step of the driver works with. */
export interface Tools {
  /** Path of k3d. */
  readonly k3d: string;
  readonly names: Names;
  /** The cluster's owner, see names.ts. */
  readonly owner: string;
  readonly progress: DriverContext['progress'];
  readonly interrupts?: DriverContext['interrupts'];
}
