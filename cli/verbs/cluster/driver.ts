import { value } from '../../define.ts';

export const driver = value('driver', 'which kind of cluster to use: embedded, k3d or existing');
